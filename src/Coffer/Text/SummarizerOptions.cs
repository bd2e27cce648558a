namespace Coffer.Text;

/// <summary>How <see cref="Summarizer"/> generates. Immutable; change a copy with <c>with</c>.</summary>
public sealed record SummarizerOptions : GenerationOptions
{
    internal static SummarizerOptions Default { get; } = new();

    /// <summary>What gives way where a text has more tokens than the model takes. Default: nothing; such a text is an error that says by how much.</summary>
    public TruncationStrategy Truncation { get; init; }

    internal override void Validate()
    {
        base.Validate();
        RequireTruncation(Truncation);
    }
}
