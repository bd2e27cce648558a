namespace Coffer.Packaging;

/// <summary>An <c>.onnx</c> file of an exported model.</summary>
/// <param name="Name">The graph's name in the bundle.</param>
/// <param name="Variant">What sets it apart from the graph of the same name, for example <c>fp16</c>; null for that graph.</param>
/// <param name="Path">The file.</param>
internal sealed record ExportedGraph(string Name, string? Variant, string Path);
