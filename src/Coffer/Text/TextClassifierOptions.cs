using Coffer.Inference;

namespace Coffer.Text;

/// <summary>How <see cref="TextClassifier"/> predicts. Immutable; change a copy with <c>with</c>.</summary>
public sealed record TextClassifierOptions
{
    /// <summary>How many classes a result has at most. Default 5; 1 or more.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>
    /// Classes with a lower score are left out of <see cref="TextClassification.Classes"/>. Default null: none is. 0.5 is usual for a model of
    /// several labels.
    /// </summary>
    public float? Threshold { get; init; }

    /// <summary>
    /// How logits become scores. Default null: as the model's config.json says (<c>function_to_apply</c>, <c>problem_type</c>),
    /// else <see cref="ScoreFunction.Softmax"/>, or <see cref="ScoreFunction.Sigmoid"/> for a single class.
    /// </summary>
    public ScoreFunction? Scores { get; init; }

    /// <summary>What gives way where a text has more tokens than the model takes. Default: nothing; such a text is an error that says by how much.</summary>
    public TruncationStrategy Truncation { get; init; }

    /// <summary>The most tokens, special ones included; 1 or more. Default null: what the model's files say.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// The most texts that one run of the graph takes in a batch, texts of about the same length together. Default 8; 1 or more. A graph
    /// that fixes its batch is run with that; one without an attention mask gets only texts of one length together.
    /// </summary>
    public int BatchSize { get; init; } = 8;

    internal static TextClassifierOptions Default { get; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TopK, 1);
        TextOptionChecks.Require(BatchSize, MaxLength, Truncation);
        if (Threshold is { } threshold && float.IsNaN(threshold))
        {
            throw new ArgumentOutOfRangeException(nameof(Threshold), threshold, "A threshold is a number.");
        }
    }
}
