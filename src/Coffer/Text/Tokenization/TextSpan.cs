namespace Coffer.Text;

/// <summary>A part of a text, in UTF-16 units: <c>text[Start..End]</c>.</summary>
/// <param name="Start">The first unit.</param>
/// <param name="End">The unit after the last one.</param>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>The number of UTF-16 units.</summary>
    public int Length => End - Start;
}
