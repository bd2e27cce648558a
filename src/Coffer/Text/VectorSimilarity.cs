using System.Numerics;
using System.Numerics.Tensors;

namespace Coffer.Text;

/// <summary>Compares embeddings. Two vectors of one length; another is an <see cref="ArgumentException"/>.</summary>
public static class VectorSimilarity
{
    /// <summary>The cosine of the angle: -1 to 1, greater is more alike. Not a number where a vector is all zeros.</summary>
    public static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => TensorPrimitives.CosineSimilarity(a, b);

    /// <summary>The inner product: greater is more alike. Of normalised vectors it is their cosine.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => TensorPrimitives.Dot(a, b);

    /// <summary>The inner product of int8 embeddings.</summary>
    /// <exception cref="ArgumentException">The vectors are of different lengths.</exception>
    public static long Dot(ReadOnlySpan<sbyte> a, ReadOnlySpan<sbyte> b)
    {
        RequireSameLength(a.Length, b.Length);
        var sum = 0L;
        var i = 0;
        while (a.Length - i >= Vector<sbyte>.Count)
        {
            // Two products of 7 bits and a sign fit 16; sums of 4096 of them fit 32.
            var lanes = Vector<int>.Zero;
            for (var block = 0; block < 1024 && a.Length - i >= Vector<sbyte>.Count; block++, i += Vector<sbyte>.Count)
            {
                Vector.Widen(new Vector<sbyte>(a[i..]), out var a0, out var a1);
                Vector.Widen(new Vector<sbyte>(b[i..]), out var b0, out var b1);
                Vector.Widen(a0 * b0, out var p0, out var p1);
                Vector.Widen(a1 * b1, out var p2, out var p3);
                lanes += p0 + p1 + p2 + p3;
            }

            sum += Vector.Sum(lanes);
        }

        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>The distance in space: smaller is more alike.</summary>
    public static float EuclideanDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => TensorPrimitives.Distance(a, b);

    /// <summary>The sum of the dimensions' differences: smaller is more alike.</summary>
    /// <exception cref="ArgumentException">The vectors are of different lengths.</exception>
    public static float ManhattanDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        RequireSameLength(a.Length, b.Length);
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
        {
            sum += MathF.Abs(a[i] - b[i]);
        }

        return sum;
    }

    /// <summary>The number of bits that differ, of embeddings as bits: smaller is more alike.</summary>
    public static long HammingDistance(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => TensorPrimitives.HammingBitDistance(a, b);

    /// <summary>What a model's own measure says: greater is more alike, as sentence-transformers' <c>similarity</c>.</summary>
    public static float Compare(EmbeddingSimilarity measure, ReadOnlySpan<float> a, ReadOnlySpan<float> b) => measure switch
    {
        EmbeddingSimilarity.Cosine => Cosine(a, b),
        EmbeddingSimilarity.Dot => Dot(a, b),
        EmbeddingSimilarity.Euclidean => -EuclideanDistance(a, b),
        EmbeddingSimilarity.Manhattan => -ManhattanDistance(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(measure)),
    };

    private static void RequireSameLength(int a, int b)
    {
        if (a != b)
        {
            throw new ArgumentException($"The vectors have {a} and {b} dimensions. Compare embeddings of one model.");
        }
    }
}
