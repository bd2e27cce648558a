namespace Coffer.Onnx;

/// <summary>One loading of a graph: who watches it, and who may stop it.</summary>
/// <param name="Progress">Null for nobody.</param>
/// <param name="CancellationToken">Stops decryption and ONNX Runtime's work on the session.</param>
internal readonly record struct GraphLoad(IProgress<OpenProgress>? Progress, CancellationToken CancellationToken);
