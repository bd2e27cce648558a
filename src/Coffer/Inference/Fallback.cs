namespace Coffer.Inference;

/// <summary>A call moved from where it was asked for to somewhere else. Never silent: it is in every result.</summary>
/// <param name="From">What was asked for first, for example <c>CUDA</c>.</param>
/// <param name="Reason">Why that did not serve.</param>
public sealed record Fallback(string From, string Reason);
