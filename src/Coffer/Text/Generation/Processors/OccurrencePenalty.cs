namespace Coffer.Text;

/// <summary>
/// OpenAI's frequency_penalty and presence_penalty: <c>logit - count * frequency - (count > 0) * presence</c> over the tokens that were
/// generated. Transformers has neither; vLLM applies them after the repetition penalty, as here.
/// </summary>
internal sealed class OccurrencePenalty(float frequency, float presence) : LogitsProcessor
{
    private int[] _counts = [];

    public override LogitsProcessor Begin(LogitsProcessorContext context) => new OccurrencePenalty(frequency, presence) { _counts = new int[context.VocabularySize] };

    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        var generated = ids[promptLength..];
        foreach (var id in generated)
        {
            _counts[id]++;
        }

        foreach (var id in generated)
        {
            if (_counts[id] > 0)
            {
                logits[id] -= (_counts[id] * frequency) + presence;
                _counts[id] = 0;
            }
        }
    }
}
