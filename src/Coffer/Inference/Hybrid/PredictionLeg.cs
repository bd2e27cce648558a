using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>One side of a hybrid call, which gave the result or failed.</summary>
/// <param name="Target">This device, or an endpoint.</param>
/// <param name="Name">Which: the name of the <see cref="HybridLeg{TPredictor}"/> that was used last.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Attempts">How often it was tried, retries and hedges included; 0 if an open circuit let nothing through.</param>
/// <param name="Duration">From the first attempt to the end of the last, waits included.</param>
/// <param name="Error">What went wrong, for people; null if nothing did.</param>
public sealed record PredictionLeg(ExecutionTarget Target, string Name, LegOutcome Outcome, int Attempts, TimeSpan Duration, string? Error);
