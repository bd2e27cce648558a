namespace Coffer.Text;

/// <summary>Finds words: where the next match of a pattern starts and ends.</summary>
internal abstract class WordMatcher
{
    /// <summary>The steps that a search through a whole text may take.</summary>
    public static long WorkFor(int length) => 65_536 + (1024L * length);

    /// <param name="text">The piece; the pattern sees nothing around it.</param>
    /// <param name="from">Where to look from.</param>
    /// <param name="work">How many steps are left.</param>
    /// <param name="start">The match's first unit.</param>
    /// <param name="end">The unit after the match.</param>
    public abstract bool TryFind(ReadOnlySpan<char> text, int from, ref long work, out int start, out int end);
}
