namespace Coffer.Inference;

/// <summary>How a batch's run ended.</summary>
/// <param name="Ending">In one word.</param>
/// <param name="Failure">Why it failed; null unless it did.</param>
internal readonly record struct BatchOutcome(BatchEnding Ending, Exception? Failure);
