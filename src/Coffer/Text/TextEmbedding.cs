namespace Coffer.Text;

/// <summary>A text as a vector: texts that mean the like are near each other. Immutable.</summary>
public sealed class TextEmbedding
{
    /// <summary>An embedding.</summary>
    /// <param name="vector">float32, one number a dimension.</param>
    public TextEmbedding(ReadOnlyMemory<float> vector)
    {
        Vector = vector;
    }

    /// <summary>float32, one number a dimension.</summary>
    public ReadOnlyMemory<float> Vector { get; }

    /// <summary>How many tokens of the text the model read, special ones and the prompt's included; null where that is not known, as of an endpoint that doesn't say.</summary>
    public int? TokenCount { get; init; }

    /// <summary>
    /// One bit a dimension, 1 where the number is above 0; the first dimension is the highest bit of the first byte, missing bits at the end are 0.
    /// sentence-transformers' <c>ubinary</c>. Compare with <see cref="VectorSimilarity.HammingDistance"/>.
    /// </summary>
    public byte[] ToBits()
    {
        var vector = Vector.Span;
        var bits = new byte[(vector.Length + 7) / 8];
        for (var i = 0; i < vector.Length; i++)
        {
            bits[i / 8] |= (byte)(vector[i] > 0 ? 0x80 >> (i % 8) : 0);
        }

        return bits;
    }

    /// <summary>The bytes of <see cref="ToBits"/> less 128, for indexes of signed bytes: sentence-transformers' <c>binary</c>.</summary>
    public sbyte[] ToSignedBits() => Array.ConvertAll(ToBits(), value => (sbyte)(value - 128));

    /// <summary>A byte a dimension, -128 at its minimum and 127 at its maximum: sentence-transformers' <c>int8</c>. Numbers outside of the ranges stay at their end.</summary>
    /// <param name="ranges">Of the same model.</param>
    /// <exception cref="ArgumentException">The ranges have another number of dimensions.</exception>
    public sbyte[] ToInt8(EmbeddingRanges ranges) => Array.ConvertAll(Steps(ranges, 128), step => (sbyte)step);

    /// <summary>A byte a dimension, 0 at its minimum and 255 at its maximum: sentence-transformers' <c>uint8</c>. Numbers outside of the ranges stay at their end.</summary>
    /// <param name="ranges">Of the same model.</param>
    /// <exception cref="ArgumentException">The ranges have another number of dimensions.</exception>
    public byte[] ToUInt8(EmbeddingRanges ranges) => Array.ConvertAll(Steps(ranges, 0), step => (byte)step);

    /// <summary>How many dimensions it has, not which numbers.</summary>
    public override string ToString() => $"TextEmbedding of {Vector.Length} dimensions";

    private int[] Steps(EmbeddingRanges ranges, int offset)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        var steps = new int[Vector.Length];
        ranges.Quantize(Vector.Span, offset, steps);
        return steps;
    }
}
