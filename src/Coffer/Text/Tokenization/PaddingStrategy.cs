namespace Coffer.Text;

/// <summary>How far encodings are filled up with padding tokens.</summary>
public enum PaddingStrategy
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>To the longest of a batch.</summary>
    Longest,

    /// <summary>To <see cref="EncodeOptions.MaxLength"/>.</summary>
    MaxLength,
}
