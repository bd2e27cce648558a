namespace Coffer.Onnx;

/// <summary>What stands against an execution provider.</summary>
/// <param name="Reason">What is missing, as the end of a sentence.</param>
/// <param name="Fix">What to do, as sentences.</param>
internal sealed record ExecutionProviderObstacle(string Reason, string Fix);
