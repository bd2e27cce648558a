namespace Coffer.Text;

/// <summary>Transformers' SuppressTokensLogitsProcessor and SuppressTokensAtBeginLogitsProcessor.</summary>
/// <param name="tokens">The tokens that are not generated.</param>
/// <param name="length">Only where the sequence has that length; null for always.</param>
internal sealed class SuppressedTokens(IReadOnlyList<int> tokens, int? length = null) : LogitsProcessor
{
    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        if (length is null || ids.Length == length)
        {
            foreach (var token in tokens)
            {
                LogitsChain.Forbid(logits, token);
            }
        }
    }
}
