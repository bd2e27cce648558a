namespace Coffer.Text;

/// <summary>How a text becomes tokens.</summary>
public sealed record EncodeOptions
{
    /// <summary>Whether the tokenizer's special tokens, such as <c>[CLS]</c> and <c>[SEP]</c>, are put around the text. Default: true.</summary>
    public bool AddSpecialTokens { get; init; } = true;

    /// <summary>What gives way beyond <see cref="MaxLength"/>. Default: nothing; a longer text is an error.</summary>
    public TruncationStrategy Truncation { get; init; }

    /// <summary>The most tokens, special ones included. Default: null, no limit, except that truncation and padding to a length then use <see cref="Tokenizer.ModelMaxLength"/>.</summary>
    public int? MaxLength { get; init; }

    /// <summary>With truncation: how many tokens a window in <see cref="TextEncoding.Overflowing"/> shares with the one before it. Default: 0.</summary>
    public int Stride { get; init; }

    /// <summary>The side that truncation takes from. Default: null, as the model's files say, else the end.</summary>
    public TokenSide? TruncationSide { get; init; }

    /// <summary>How far to fill up. Default: not at all.</summary>
    public PaddingStrategy Padding { get; init; }

    /// <summary>The side that is padded. Default: null, as the model's files say, else the end.</summary>
    public TokenSide? PaddingSide { get; init; }

    /// <summary>The padded length is a multiple of this. Default: 1.</summary>
    public int PadToMultipleOf { get; init; } = 1;
}
