namespace Coffer.Text;

/// <summary>
/// The least and the greatest value of each dimension of a model's embeddings, which int8 embeddings are scaled by. Take them once, of many texts like
/// those to come, and keep them with the index: numbers scaled by other ranges don't compare. Immutable.
/// </summary>
public sealed class EmbeddingRanges
{
    private readonly float[] _minimums;
    private readonly float[] _maximums;

    /// <summary>Ranges that were taken before.</summary>
    /// <param name="minimums">One number a dimension.</param>
    /// <param name="maximums">One number a dimension, none below its minimum.</param>
    /// <exception cref="ArgumentException">The numbers are no ranges.</exception>
    public EmbeddingRanges(ReadOnlySpan<float> minimums, ReadOnlySpan<float> maximums)
    {
        if (minimums.Length != maximums.Length)
        {
            throw new ArgumentException($"There are {minimums.Length} minimums and {maximums.Length} maximums. Give one of each a dimension.");
        }

        for (var i = 0; i < minimums.Length; i++)
        {
            if (!float.IsFinite(minimums[i]) || !float.IsFinite(maximums[i]) || minimums[i] > maximums[i])
            {
                throw new ArgumentException($"Dimension {i} reaches from {minimums[i]} to {maximums[i]}, which is no range.");
            }
        }

        _minimums = minimums.ToArray();
        _maximums = maximums.ToArray();
    }

    /// <summary>The least values.</summary>
    public ReadOnlyMemory<float> Minimums => _minimums;

    /// <summary>The greatest values.</summary>
    public ReadOnlyMemory<float> Maximums => _maximums;

    /// <summary>The ranges of embeddings; 100 or more make stable ones.</summary>
    /// <param name="embeddings">Of one model; not empty.</param>
    /// <exception cref="ArgumentException">There are none, or they are of different lengths.</exception>
    public static EmbeddingRanges Of(IReadOnlyList<TextEmbedding> embeddings)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        if (embeddings.Count == 0)
        {
            throw new ArgumentException("There is no embedding to take ranges of.", nameof(embeddings));
        }

        var minimums = embeddings[0].Vector.ToArray();
        var maximums = embeddings[0].Vector.ToArray();
        foreach (var embedding in embeddings)
        {
            System.Numerics.Tensors.TensorPrimitives.Min(minimums, embedding.Vector.Span, minimums);
            System.Numerics.Tensors.TensorPrimitives.Max(maximums, embedding.Vector.Span, maximums);
        }

        return new EmbeddingRanges(minimums, maximums);
    }

    /// <summary>Scales a vector to steps: 0 for the minimum, 255 for the maximum, less an offset of 128 for signed ones; outside of them it stays at the end.</summary>
    internal void Quantize(ReadOnlySpan<float> vector, int offset, Span<int> steps)
    {
        if (vector.Length != _minimums.Length)
        {
            throw new ArgumentException($"The embedding has {vector.Length} dimensions, and the ranges {_minimums.Length}. Take the ranges of the same model.");
        }

        for (var i = 0; i < vector.Length; i++)
        {
            // In float32 and towards zero, as numpy does it; a dimension that never varied is its minimum.
            var step = (_maximums[i] - _minimums[i]) / 255;
            var value = step == 0 ? -offset : ((vector[i] - _minimums[i]) / step) - offset;
            steps[i] = (int)Math.Clamp(value, -offset, 255 - offset);
        }
    }
}
