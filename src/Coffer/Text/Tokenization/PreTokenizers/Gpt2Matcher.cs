namespace Coffer.Text;

/// <summary>
/// GPT-2's words: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. It matches everywhere, in one pass.
/// White space is ECMAScript's, as transformers.js has it; the Rust code counts U+0085 and not U+FEFF.
/// </summary>
internal sealed class Gpt2Matcher : WordMatcher
{
    private static readonly CharacterKind[] Latin = [.. Enumerable.Range(0, 256).Select(Classify)];

    public static Gpt2Matcher Instance { get; } = new();

    public override bool TryFind(ReadOnlySpan<char> text, int from, ref long work, out int start, out int end)
    {
        start = from;
        end = from;
        if (from >= text.Length)
        {
            return false;
        }

        if (text[from] == '\'' && ContractionLength(text[(from + 1)..]) is > 0 and var length)
        {
            end = from + 1 + length;
            return true;
        }

        var first = KindAt(text, from, out var units);
        if (text[from] == ' ' && from + 1 < text.Length && KindAt(text, from + 1, out var next) is not CharacterKind.Space and var kind)
        {
            end = RunEnd(text, from + 1 + next, kind);
            return true;
        }

        end = RunEnd(text, from + units, first);

        // \s+(?!\S): white space before a word leaves its last character to it.
        if (first == CharacterKind.Space && end < text.Length && end - from > 1)
        {
            end--;
        }

        return true;
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        return text[0] switch
        {
            's' or 't' or 'm' or 'd' => 1,
            'r' or 'v' when text.Length > 1 && text[1] == 'e' => 2,
            'l' when text.Length > 1 && text[1] == 'l' => 2,
            _ => 0,
        };
    }

    private static int RunEnd(ReadOnlySpan<char> text, int from, CharacterKind kind)
    {
        while (from < text.Length && KindAt(text, from, out var units) == kind)
        {
            from += units;
        }

        return from;
    }

    private static CharacterKind KindAt(ReadOnlySpan<char> text, int index, out int units)
    {
        var unit = text[index];
        units = 1;
        if (unit < 256)
        {
            return Latin[unit];
        }

        if (char.IsHighSurrogate(unit))
        {
            units = 2;
            return Classify(char.ConvertToUtf32(unit, text[index + 1]));
        }

        return Classify(unit);
    }

    private static CharacterKind Classify(int codePoint) =>
        CodePointClass.IsLetter(codePoint) ? CharacterKind.Letter
        : CodePointClass.IsNumber(codePoint) ? CharacterKind.Number
        : CodePointClass.IsEcmaScriptSpace(codePoint) ? CharacterKind.Space
        : CharacterKind.Other;

    private enum CharacterKind : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }
}
