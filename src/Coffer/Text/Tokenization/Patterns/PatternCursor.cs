namespace Coffer.Text;

/// <summary>Where a pattern is being read, and how deeply nested that is.</summary>
/// <param name="pattern">The pattern.</param>
internal sealed class PatternCursor(string pattern)
{
    private const int MaxDepth = 50;

    private int _depth;

    public string Pattern => pattern;

    public int Position { get; set; }

    public bool IsAtEnd => Position >= pattern.Length;

    /// <summary>The next UTF-16 unit; not at the end.</summary>
    public char Next => pattern[Position];

    /// <exception cref="TokenizerException">It is nested too deeply.</exception>
    public void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw Unsupported("is nested too deeply");
        }
    }

    public void Leave() => _depth--;

    /// <summary>Where a character stands from here on, or -1.</summary>
    public int Find(char character) => pattern.IndexOf(character, Position);

    public bool StartsWith(string text) => pattern.AsSpan(Position).StartsWith(text, StringComparison.Ordinal);

    public int ReadCodePoint()
    {
        var unit = pattern[Position++];
        return char.IsHighSurrogate(unit) && !IsAtEnd && char.IsLowSurrogate(pattern[Position]) ? char.ConvertToUtf32(unit, pattern[Position++]) : unit;
    }

    public bool Take(char character)
    {
        var isThere = !IsAtEnd && pattern[Position] == character;
        Position += isThere ? 1 : 0;
        return isThere;
    }

    public bool TakeText(string text)
    {
        var isThere = StartsWith(text);
        Position += isThere ? text.Length : 0;
        return isThere;
    }

    public TokenizerException Unsupported(string what) => PatternParser.Unsupported(pattern, what);
}
