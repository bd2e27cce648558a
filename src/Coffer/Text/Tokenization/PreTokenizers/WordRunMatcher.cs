namespace Coffer.Text;

/// <summary>The pattern of the Whitespace pre-tokenizer: <c>\w+|[^\w\s]+</c>, by Unicode.</summary>
internal sealed class WordRunMatcher : WordMatcher
{
    public override bool TryFind(ReadOnlySpan<char> text, int from, ref long work, out int start, out int end)
    {
        start = from;
        while (start < text.Length && CodePointClass.IsWhiteSpace(text[start]))
        {
            start++;
        }

        end = start;
        var isWord = end < text.Length && CodePointClass.IsWord(At(text, end, out _));
        while (end < text.Length && At(text, end, out var units) is var c && CodePointClass.IsWord(c) == isWord && (isWord || !CodePointClass.IsWhiteSpace(c)))
        {
            end += units;
        }

        return end > start;
    }

    private static int At(ReadOnlySpan<char> text, int index, out int units)
    {
        units = char.IsHighSurrogate(text[index]) ? 2 : 1;
        return units == 2 ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index];
    }
}
