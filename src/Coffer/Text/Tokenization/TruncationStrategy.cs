namespace Coffer.Text;

/// <summary>What gives way when a text has more tokens than <see cref="EncodeOptions.MaxLength"/>.</summary>
public enum TruncationStrategy
{
    /// <summary>Nothing: a text that is too long is <see cref="TokenizerError.TextTooLong"/>.</summary>
    None,

    /// <summary>The longer of the two texts, token by token.</summary>
    LongestFirst,

    /// <summary>The first text only.</summary>
    OnlyFirst,

    /// <summary>The second text only.</summary>
    OnlySecond,
}
