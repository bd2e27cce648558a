namespace Coffer.Text;

/// <summary>A code point, its combining class and the part of the original that it came from.</summary>
internal readonly record struct CodePointOrigin(int CodePoint, int Class, int Start, int End);
