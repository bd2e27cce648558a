namespace Coffer.Onnx;

/// <summary>The bytes behind one external-data location of a graph, in native memory.</summary>
/// <param name="Location">As the graph's tensors name it.</param>
/// <param name="Pointer">The first byte; aligned to 64 bytes for weights that are used in place.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct ExternalWeights(string Location, nint Pointer, long Length);
