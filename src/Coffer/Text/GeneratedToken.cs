namespace Coffer.Text;

/// <summary>A token as it comes, and the text that is final with it.</summary>
/// <param name="Id">The token's number; -1 where an endpoint does not say it, whose items may be several tokens, or none.</param>
/// <param name="Text">
/// What it adds to the text; may be empty, where a character is not whole yet or the text may turn out to be a stop string. All of a stream
/// together are <see cref="GeneratedText.Text"/>.
/// </param>
public sealed record GeneratedToken(int Id, string Text)
{
    /// <summary>Why the generation ended; null for every token but the last.</summary>
    public FinishReason? FinishReason { get; init; }

    /// <summary>What was read and written; null for every token but the last.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>The license's mark, to be kept with the output where its licensee must; on the last token, null for none.</summary>
    public string? Watermark { get; init; }
}
