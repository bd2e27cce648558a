namespace Coffer.Text;

/// <summary>A side of a token sequence.</summary>
public enum TokenSide
{
    /// <summary>The end of the sequence.</summary>
    Right,

    /// <summary>The beginning of the sequence.</summary>
    Left,
}
