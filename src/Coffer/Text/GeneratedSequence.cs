namespace Coffer.Text;

/// <summary>One sequence that a model generated.</summary>
/// <param name="Text">Its text, without special tokens, and without the stop string that ended it.</param>
/// <param name="Tokens">Its tokens without the prompt's, the one that ended it included; empty where an endpoint does not say them.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record GeneratedSequence(string Text, ReadOnlyMemory<int> Tokens, FinishReason FinishReason)
{
    /// <summary>
    /// Of a beam search: the sum of the tokens' log-probabilities over the length to the power of <see cref="GenerationOptions.LengthPenalty"/>;
    /// else null.
    /// </summary>
    public float? Score { get; init; }
}
