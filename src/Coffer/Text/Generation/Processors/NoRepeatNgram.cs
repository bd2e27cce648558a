namespace Coffer.Text;

/// <summary>Transformers' NoRepeatNGramLogitsProcessor: forbids what followed the last n - 1 tokens before.</summary>
internal sealed class NoRepeatNgram(int size) : LogitsProcessor
{
    public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
    {
        if (ids.Length + 1 < size)
        {
            return;
        }

        var end = ids[^(size - 1)..];
        for (var start = 0; start + size <= ids.Length; start++)
        {
            if (ids.Slice(start, size - 1).SequenceEqual(end))
            {
                LogitsChain.Forbid(logits, ids[start + size - 1]);
            }
        }
    }
}
