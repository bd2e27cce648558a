namespace Coffer.Text;

/// <summary>Transformers' ForcedBOSTokenLogitsProcessor and ForcedEOSTokenLogitsProcessor: only these tokens where the sequence has that length.</summary>
internal sealed class ForcedToken(int length, IReadOnlyList<int> tokens) : LogitsProcessor
{
    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        if (ids.Length == length)
        {
            logits.Fill(float.NegativeInfinity);
            foreach (var token in tokens)
            {
                logits[token] = 0;
            }
        }
    }
}
