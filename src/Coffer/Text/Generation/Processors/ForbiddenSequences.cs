namespace Coffer.Text;

/// <summary>Transformers' NoBadWordsLogitsProcessor: forbids the last token of a sequence where the ones before it were just written.</summary>
internal sealed class ForbiddenSequences(IReadOnlyList<int[]> sequences) : LogitsProcessor
{
    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        foreach (var sequence in sequences)
        {
            if (ids.EndsWith(sequence.AsSpan(..^1)))
            {
                LogitsChain.Forbid(logits, sequence[^1]);
            }
        }
    }
}
