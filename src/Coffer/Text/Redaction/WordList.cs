using System.Buffers;

namespace Coffer.Text;

/// <summary>Words that may stand before a number.</summary>
internal sealed class WordList(string[] words)
{
    private const int Window = 40;

    private readonly SearchValues<string> _any = SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether one of them stands shortly before a place, on the same line, as a word of its own, without another number in between.</summary>
    public bool Precede(ReadOnlySpan<char> text, int at)
    {
        var before = text[Math.Max(0, at - Window)..at];
        before = before[(before.LastIndexOfAnyInRange('0', '9') + 1)..];
        before = before[(before.LastIndexOfAny('\n', '\r') + 1)..];
        return before.Length > 1 && before.ContainsAny(_any) && IsWord(before);
    }

    private bool IsWord(ReadOnlySpan<char> before)
    {
        foreach (var word in words)
        {
            if (before.LastIndexOf(word, StringComparison.OrdinalIgnoreCase) is >= 0 and var index
                && (index == 0 || !char.IsLetter(before[index - 1]) || IsWithoutSpaces(word[0]))
                && (index + word.Length == before.Length || !char.IsLetter(before[index + word.Length]) || IsWithoutSpaces(word[^1])))
            {
                return true;
            }
        }

        return false;
    }

    // Chinese, Japanese and Korean put no space between words.
    private static bool IsWithoutSpaces(char c) => c >= '\u2e80';
}
