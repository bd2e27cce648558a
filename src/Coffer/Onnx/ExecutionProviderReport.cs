namespace Coffer.Onnx;

/// <summary>Whether one execution provider can start on this machine.</summary>
/// <param name="Name">For example <c>CUDA</c>; see <see cref="ExecutionProvider.Name"/>.</param>
/// <param name="IsAvailable">Whether the native ONNX Runtime has it and the loader finds every library that it needs. A device
/// is not touched: it may still be absent or too old.</param>
/// <param name="Reason">What is missing; null if nothing is.</param>
/// <param name="Fix">What to do about it; null if there is nothing to do.</param>
public sealed record ExecutionProviderReport(string Name, bool IsAvailable, string? Reason, string? Fix);
