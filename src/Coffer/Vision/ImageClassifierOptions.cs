using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>How <see cref="ImageClassifier"/> predicts. Immutable; change a copy with <c>with</c>.</summary>
public sealed record ImageClassifierOptions
{
    /// <summary>How many classes a result has. Default 5; 1 or more.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>
    /// How logits become scores. Default null: as the model's config.json says (<c>function_to_apply</c>, <c>problem_type</c>),
    /// else <see cref="ScoreFunction.Softmax"/>, or <see cref="ScoreFunction.Sigmoid"/> for a single class.
    /// </summary>
    public ScoreFunction? Scores { get; init; }

    /// <summary>How pictures are decoded. Default <see cref="ImageDecoding.Exact"/>.</summary>
    public ImageDecoding Decoding { get; init; } = ImageDecoding.Exact;

    /// <summary>What a picture may be at most. Default <see cref="ImageLimits.Default"/>.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>
    /// The most pictures that one run of the graph takes in a batch. Default 8; 1 or more. A graph that fixes its batch is run
    /// with that, and pictures that keep their own size are run one by one.
    /// </summary>
    public int BatchSize { get; init; } = 8;

    internal static ImageClassifierOptions Default { get; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(TopK, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentNullException.ThrowIfNull(Limits);
    }
}
