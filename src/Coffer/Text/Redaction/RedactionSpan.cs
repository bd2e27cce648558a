namespace Coffer.Text;

/// <summary>A part of a text that is to be removed.</summary>
/// <param name="Start">Its first UTF-16 character.</param>
/// <param name="Length">Its length in UTF-16 characters.</param>
/// <param name="Kind">What it is: one of <see cref="RedactionKinds"/>, or a kind of the application's own.</param>
public readonly record struct RedactionSpan(int Start, int Length, string Kind)
{
    /// <summary>The character after its last.</summary>
    public int End => Start + Length;
}
