namespace Coffer.Text;

/// <summary>A beam that ended.</summary>
/// <param name="Score">The sum of its log-probabilities over its length to the power of the length penalty.</param>
/// <param name="Generated">Its tokens without the prompt's.</param>
/// <param name="FinishReason">Why it ended.</param>
internal sealed record BeamHypothesis(float Score, int[] Generated, FinishReason FinishReason);
