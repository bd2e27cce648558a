namespace Coffer.Text;

/// <summary>Transformers' RepetitionPenaltyLogitsProcessor (CTRL, arXiv 1909.05858): each token of prompt or text, once.</summary>
internal sealed class RepetitionPenalty(float penalty) : LogitsProcessor
{
    private bool[] _seen = [];

    public override LogitsProcessor Begin(LogitsProcessorContext context) => new RepetitionPenalty(penalty) { _seen = new bool[context.VocabularySize] };

    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        foreach (var id in ids)
        {
            if ((uint)id < (uint)logits.Length && !_seen[id])
            {
                _seen[id] = true;
                logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
            }
        }

        foreach (var id in ids)
        {
            if ((uint)id < (uint)logits.Length)
            {
                _seen[id] = false;
            }
        }
    }
}
