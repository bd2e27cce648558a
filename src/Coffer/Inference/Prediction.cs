using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>A result, and what really produced it.</summary>
/// <typeparam name="T">The predictor's result.</typeparam>
public sealed record Prediction<T>
{
    /// <summary>The result.</summary>
    public required T Value { get; init; }

    /// <summary>Where it was made.</summary>
    public required ExecutionTarget Target { get; init; }

    /// <summary>What it ran on, for example <c>CPU</c> or <c>CUDA</c>.</summary>
    public required string ExecutionProvider { get; init; }

    /// <summary>The digest of the bundle's manifest, lowercase hex: which model answered; empty for an endpoint's own model.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>From the call to the result, pre- and post-processing included. In a batch: the whole batch.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Why it was not made where it was asked for first; null if it was.</summary>
    public Fallback? Fallback { get; init; }

    /// <summary>Where it was tried, in order, and how long each took; empty but for a <see cref="HybridPredictor{TInput, TOptions, TResult}"/>.</summary>
    public IReadOnlyList<PredictionLeg> Legs { get; init; } = [];

    /// <summary>The license's mark, to be kept with the output where its licensee must; null for none.</summary>
    public string? Watermark { get; init; }
}
