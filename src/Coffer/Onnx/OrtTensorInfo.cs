namespace Coffer.Onnx;

/// <summary>An input or output as ONNX Runtime describes it.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">The type of its elements; undefined if it isn't a tensor.</param>
/// <param name="HasRank">False where the graph leaves even the number of dimensions open.</param>
/// <param name="Sizes">Its dimensions, -1 where the graph leaves one free.</param>
/// <param name="Symbols">The names of free dimensions, else empty.</param>
internal sealed record OrtTensorInfo(string Name, OrtElementType Type, bool HasRank, IReadOnlyList<long> Sizes, IReadOnlyList<string> Symbols);
