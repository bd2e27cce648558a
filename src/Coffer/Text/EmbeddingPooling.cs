namespace Coffer.Text;

/// <summary>How the vectors of a text's tokens become one: the modes of sentence-transformers.</summary>
public enum EmbeddingPooling
{
    /// <summary>The mean of all tokens.</summary>
    Mean,

    /// <summary>The first token, as <c>[CLS]</c>.</summary>
    Cls,

    /// <summary>The last token.</summary>
    Last,

    /// <summary>The greatest value of each dimension.</summary>
    Max,

    /// <summary>The sum of all tokens over the square root of their number.</summary>
    MeanSquareRoot,

    /// <summary>The mean weighted by position: 1 for the first token, 2 for the second.</summary>
    WeightedMean,
}
