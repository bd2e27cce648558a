namespace Coffer.Text;

/// <summary>transformers' <c>clean_up_tokenization</c>: no space before punctuation and English contractions.</summary>
internal static class TextCleanUp
{
    public static string Apply(string text) => text.Contains(' ', StringComparison.Ordinal)
        ? text
            .Replace(" .", ".", StringComparison.Ordinal)
            .Replace(" ?", "?", StringComparison.Ordinal)
            .Replace(" !", "!", StringComparison.Ordinal)
            .Replace(" ,", ",", StringComparison.Ordinal)
            .Replace(" ' ", "'", StringComparison.Ordinal)
            .Replace(" n't", "n't", StringComparison.Ordinal)
            .Replace(" 'm", "'m", StringComparison.Ordinal)
            .Replace(" 's", "'s", StringComparison.Ordinal)
            .Replace(" 've", "'ve", StringComparison.Ordinal)
            .Replace(" 're", "'re", StringComparison.Ordinal)
        : text;
}
