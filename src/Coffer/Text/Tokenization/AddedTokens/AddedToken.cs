namespace Coffer.Text;

/// <summary>A token that is looked for in the text itself, before anything else is done to it.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it is left out when special tokens are.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Whether it only counts where no word character stands beside it.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Whether it takes the white space to its left.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether it takes the white space to its right.</summary>
    public bool StripsRight { get; init; }

    /// <summary>Whether it is looked for in the normalized text.</summary>
    public bool IsNormalized { get; init; }
}
