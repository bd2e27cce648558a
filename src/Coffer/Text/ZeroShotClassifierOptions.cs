namespace Coffer.Text;

/// <summary>What <see cref="ZeroShotClassifier"/> chooses from, and how. Immutable; change a copy with <c>with</c>.</summary>
public sealed record ZeroShotClassifierOptions
{
    internal const string Place = "{}";

    /// <summary>The labels to choose from, such as <c>sports</c> and <c>politics</c>: at least one.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The sentence that the model is asked about for each label, with <c>{}</c> in its place. Default <c>This example is {}.</c></summary>
    public string HypothesisTemplate { get; init; } = $"This example is {Place}.";

    /// <summary>
    /// Whether any number of labels may fit. Default false: scores sum up to 1. With true, as with a single label, each is scored for itself,
    /// entailment against contradiction.
    /// </summary>
    public bool MultiLabel { get; init; }

    /// <summary>What gives way where text and hypothesis have more tokens than the model takes. Default: nothing; that is an error that says by how much. <see cref="TruncationStrategy.OnlyFirst"/> cuts the text.</summary>
    public TruncationStrategy Truncation { get; init; }

    /// <summary>The most tokens of a text and a hypothesis, special ones included; 1 or more. Default null: what the model's files say.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The most labels that one run of the graph takes, those of about the same length together. Default 8; 1 or more.</summary>
    public int BatchSize { get; init; } = 8;

    internal void Validate()
    {
        TextOptionChecks.Require(BatchSize, MaxLength, Truncation);
        if (Labels is not { Count: > 0 } || Labels.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("There is no label to choose, or one is empty. Give at least one.", nameof(Labels));
        }

        if (HypothesisTemplate is null || !HypothesisTemplate.Contains(Place, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The hypothesis has no {Place} where a label would go.", nameof(HypothesisTemplate));
        }
    }
}
