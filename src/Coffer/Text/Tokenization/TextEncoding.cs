namespace Coffer.Text;

/// <summary>A text, or a pair of texts, as tokens. Every list has one entry a token.</summary>
public sealed record TextEncoding
{
    /// <summary>In <see cref="WordIds"/> and <see cref="SequenceIds"/>: the token is special or padding and belongs to no word or text.</summary>
    public const int NotFromText = -1;

    /// <summary>The tokens' numbers in the vocabulary: <c>input_ids</c>.</summary>
    public required ReadOnlyMemory<int> Ids { get; init; }

    /// <summary>The segment of each token: <c>token_type_ids</c>.</summary>
    public required ReadOnlyMemory<int> TypeIds { get; init; }

    /// <summary>1 for a token, 0 for padding: <c>attention_mask</c>.</summary>
    public required ReadOnlyMemory<int> AttentionMask { get; init; }

    /// <summary>1 for a token that the tokenizer added, special or padding; 0 for one from the text.</summary>
    public required ReadOnlyMemory<int> SpecialTokensMask { get; init; }

    /// <summary>The tokens as the vocabulary writes them; an unknown token of a Unigram model is the text that it stands for.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>The part of the original text, in UTF-16 units, that each token stands for; empty for special tokens and padding.</summary>
    public required ReadOnlyMemory<TextSpan> Offsets { get; init; }

    /// <summary>The number of the word, as the pre-tokenizer splits them, in its text; <see cref="NotFromText"/> for special tokens and padding.</summary>
    public required ReadOnlyMemory<int> WordIds { get; init; }

    /// <summary>0 for the first text, 1 for the second; <see cref="NotFromText"/> for special tokens and padding.</summary>
    public required ReadOnlyMemory<int> SequenceIds { get; init; }

    /// <summary>What truncation cut off, in windows of the same length that share <see cref="EncodeOptions.Stride"/> tokens, in the order of the text. Empty without truncation.</summary>
    public IReadOnlyList<TextEncoding> Overflowing { get; init; } = [];

    /// <summary>The number of tokens.</summary>
    public int Count => Ids.Length;
}
