namespace Coffer.Text;

/// <summary>The numbers of the tokens that have a meaning of their own, as far as the model's files name them.</summary>
public sealed record SpecialTokens
{
    /// <summary>Begins a sequence: <c>bos_token</c>.</summary>
    public int? BeginOfSequence { get; init; }

    /// <summary>Ends a sequence: <c>eos_token</c>.</summary>
    public int? EndOfSequence { get; init; }

    /// <summary>Fills up: <c>pad_token</c>.</summary>
    public int? Padding { get; init; }

    /// <summary>Stands for what the vocabulary can't express: <c>unk_token</c>.</summary>
    public int? Unknown { get; init; }

    /// <summary>Stands between two texts: <c>sep_token</c>.</summary>
    public int? Separator { get; init; }

    /// <summary>Whose output classifies the text: <c>cls_token</c>.</summary>
    public int? Classification { get; init; }

    /// <summary>Stands for a token to guess: <c>mask_token</c>.</summary>
    public int? Mask { get; init; }
}
