namespace Coffer.Text;

/// <summary>How tokens become text.</summary>
public sealed record DecodeOptions
{
    /// <summary>Whether special tokens are left out. Default: false.</summary>
    public bool SkipSpecialTokens { get; init; }

    /// <summary>
    /// Whether spaces before punctuation and English contractions are removed, as transformers' <c>clean_up_tokenization_spaces</c> does.
    /// Default: null, as the model's files say, else true.
    /// </summary>
    public bool? CleanUpTokenizationSpaces { get; init; }
}
