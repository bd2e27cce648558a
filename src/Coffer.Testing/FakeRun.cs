using Coffer.Tensors;

namespace Coffer.Testing;

/// <summary>A run that a <see cref="FakeModelRunner"/> made.</summary>
/// <param name="Graph">The graph's name.</param>
/// <param name="Inputs">Copies of its inputs, by name.</param>
public sealed record FakeRun(string Graph, IReadOnlyDictionary<string, Tensor> Inputs);
