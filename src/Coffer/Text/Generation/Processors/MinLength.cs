namespace Coffer.Text;

/// <summary>Transformers' MinLengthLogitsProcessor and MinNewTokensLengthLogitsProcessor: no end before so many tokens.</summary>
/// <param name="total">Of prompt and text together.</param>
/// <param name="generated">Of the text.</param>
/// <param name="endOfSequence">The tokens that end it.</param>
internal sealed class MinLength(int total, int generated, IReadOnlyList<int> endOfSequence) : LogitsProcessor
{
    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        if (ids.Length < total || ids.Length - promptLength < generated)
        {
            foreach (var id in endOfSequence)
            {
                LogitsChain.Forbid(logits, id);
            }
        }
    }
}
