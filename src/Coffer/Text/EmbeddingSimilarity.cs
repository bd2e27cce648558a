namespace Coffer.Text;

/// <summary>How a model's embeddings are meant to be compared.</summary>
public enum EmbeddingSimilarity
{
    /// <summary><see cref="VectorSimilarity.Cosine"/>.</summary>
    Cosine,

    /// <summary><see cref="VectorSimilarity.Dot(ReadOnlySpan{float}, ReadOnlySpan{float})"/>.</summary>
    Dot,

    /// <summary>The negative of <see cref="VectorSimilarity.EuclideanDistance"/>.</summary>
    Euclidean,

    /// <summary>The negative of <see cref="VectorSimilarity.ManhattanDistance"/>.</summary>
    Manhattan,
}
