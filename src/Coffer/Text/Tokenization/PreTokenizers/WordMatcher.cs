namespace Coffer.Text;

/// <summary>Finds words: where the next match of a pattern starts and ends.</summary>
internal abstract class WordMatcher
{
    /// <param name="text">The piece; the pattern sees nothing around it.</param>
    /// <param name="from">Where to look from.</param>
    /// <param name="start">The match's first unit.</param>
    /// <param name="end">The unit after the match.</param>
    public abstract bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end);
}
