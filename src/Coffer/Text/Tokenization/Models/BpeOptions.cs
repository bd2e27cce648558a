namespace Coffer.Text;

/// <summary>The settings of a BPE model, by the names of tokenizer.json.</summary>
internal sealed record BpeOptions
{
    /// <summary>What stands before a symbol that does not begin its word.</summary>
    public string ContinuingSubwordPrefix { get; init; } = string.Empty;

    /// <summary>What ends the last symbol of a word.</summary>
    public string EndOfWordSuffix { get; init; } = string.Empty;

    /// <summary>Whether a character that the vocabulary lacks is written as tokens of its UTF-8 bytes, <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether neighbouring unknown characters are one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether a piece that is a token as a whole is that token, whatever the merges say.</summary>
    public bool IgnoreMerges { get; init; }
}
