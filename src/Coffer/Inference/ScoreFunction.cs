namespace Coffer.Inference;

/// <summary>How a classifier's logits become scores.</summary>
public enum ScoreFunction
{
    /// <summary>One class is right: scores are 0 to 1 and sum up to 1.</summary>
    Softmax,

    /// <summary>Any number of classes may be right: each score is 0 to 1 for itself.</summary>
    Sigmoid,

    /// <summary>The logits as they are, for models that end in a softmax of their own.</summary>
    None,
}
