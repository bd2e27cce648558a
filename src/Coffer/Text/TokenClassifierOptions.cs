namespace Coffer.Text;

/// <summary>How <see cref="TokenClassifier"/> predicts. Immutable; change a copy with <c>with</c>.</summary>
public sealed record TokenClassifierOptions
{
    /// <summary>How tokens become entities. Default <see cref="TokenAggregation.Simple"/>.</summary>
    public TokenAggregation Aggregation { get; init; }

    /// <summary>Kinds that are left out, by the name that an entity would have. Default <c>O</c>, which is no kind.</summary>
    public IReadOnlyList<string> IgnoredLabels { get; init; } = ["O"];

    /// <summary>
    /// Reads a text that is longer than the model takes in windows that share so many tokens; of entities that overlap, the longer stays, or
    /// the surer. Default null: in one piece. Not with <see cref="TokenAggregation.None"/>.
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>Without <see cref="Stride"/>: what gives way where a text has more tokens than the model takes. Default: nothing; such a text is an error that says by how much.</summary>
    public TruncationStrategy Truncation { get; init; }

    /// <summary>The most tokens of a run, special ones included; 1 or more. Default null: what the model's files say.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The most texts or windows that one run of the graph takes, those of about the same length together. Default 8; 1 or more.</summary>
    public int BatchSize { get; init; } = 8;

    internal static TokenClassifierOptions Default { get; } = new();

    internal void Validate()
    {
        TextOptionChecks.Require(BatchSize, MaxLength, Truncation);
        ArgumentNullException.ThrowIfNull(IgnoredLabels);
        if (!Enum.IsDefined(Aggregation))
        {
            throw new ArgumentOutOfRangeException(nameof(Aggregation), Aggregation, "It is none of the strategies.");
        }

        if (Stride is { } stride)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(stride, nameof(Stride));
            if (Aggregation == TokenAggregation.None)
            {
                throw new ArgumentException("Windows are merged by their entities, and there are none without aggregation. Choose another, or leave out the stride.", nameof(Stride));
            }
        }
    }
}
