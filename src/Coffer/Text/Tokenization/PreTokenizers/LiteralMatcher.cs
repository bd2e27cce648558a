namespace Coffer.Text;

/// <summary>Finds a plain text.</summary>
internal sealed class LiteralMatcher(string pattern) : WordMatcher
{
    public override bool TryFind(ReadOnlySpan<char> text, int from, ref long work, out int start, out int end)
    {
        var found = pattern.Length > 0 && from < text.Length ? text[from..].IndexOf(pattern, StringComparison.Ordinal) : -1;
        start = from + found;
        end = start + pattern.Length;
        return found >= 0;
    }
}
