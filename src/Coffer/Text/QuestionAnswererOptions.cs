namespace Coffer.Text;

/// <summary>How <see cref="QuestionAnswerer"/> predicts; the defaults are transformers'. Immutable; change a copy with <c>with</c>.</summary>
public sealed record QuestionAnswererOptions
{
    /// <summary>How many answers a result has at most. Default 1; 1 or more.</summary>
    public int TopK { get; init; } = 1;

    /// <summary>The most tokens of an answer. Default 15; 1 or more.</summary>
    public int MaxAnswerLength { get; init; } = 15;

    /// <summary>Whether the empty answer, that the text doesn't hold it, competes with the others. Default false; for models that were trained to say so.</summary>
    public bool HandleImpossibleAnswer { get; init; }

    /// <summary>Whether an answer that begins or ends within a word gets the whole word. Default true.</summary>
    public bool AlignToWords { get; init; } = true;

    /// <summary>The most tokens of a run, special ones included; a longer text is read in windows. Default null: 384, or less where the model takes less.</summary>
    public int? MaxLength { get; init; }

    /// <summary>How many tokens of the text a window shares with the one before it. Default null: 128, or half of <see cref="MaxLength"/>, or less beside a long question.</summary>
    public int? Stride { get; init; }

    /// <summary>The most windows that one run of the graph takes, those of about the same length together. Default 8; 1 or more.</summary>
    public int BatchSize { get; init; } = 8;

    internal static QuestionAnswererOptions Default { get; } = new();

    internal void Validate()
    {
        TextOptionChecks.Require(BatchSize, MaxLength, TruncationStrategy.None);
        ArgumentOutOfRangeException.ThrowIfLessThan(TopK, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAnswerLength, 1);
        if (Stride is { } stride)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(stride, nameof(Stride));
        }
    }
}
