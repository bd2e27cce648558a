namespace Coffer.Text;

/// <summary>What a model generated.</summary>
public sealed record GeneratedText
{
    /// <summary>Creates a result.</summary>
    /// <param name="sequences">One or more, the best first.</param>
    /// <param name="usage">What was read and written.</param>
    public GeneratedText(IReadOnlyList<GeneratedSequence> sequences, TokenUsage usage)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentOutOfRangeException.ThrowIfZero(sequences.Count);
        Sequences = sequences;
        Usage = usage;
    }

    /// <summary>The sequences, the best first: as many as <see cref="GenerationOptions.Sequences"/>.</summary>
    public IReadOnlyList<GeneratedSequence> Sequences { get; }

    /// <summary>What was read and written.</summary>
    public TokenUsage Usage { get; }

    /// <summary>From the first run of the model to the first token; zero in a beam search, which has none before the end.</summary>
    public TimeSpan TimeToFirstToken { get; init; }

    /// <summary>The best sequence's text.</summary>
    public string Text => Sequences[0].Text;

    /// <summary>The best sequence's tokens.</summary>
    public ReadOnlyMemory<int> Tokens => Sequences[0].Tokens;

    /// <summary>Why the best sequence ended.</summary>
    public FinishReason FinishReason => Sequences[0].FinishReason;

    /// <summary>The best sequence's text.</summary>
    public override string ToString() => Text;
}
