using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Testing;

/// <summary>A graph of a <see cref="FakeModelRunner"/>: what it takes, what it gives, and how one becomes the other.</summary>
/// <param name="Name">The graph's name, for example <c>model</c>.</param>
/// <param name="Inputs">What it takes. Names, element types and shapes are checked as a real runner checks them.</param>
/// <param name="Outputs">What it gives.</param>
/// <param name="Run">Called for each run with all inputs by name; gives all outputs by name. What it throws, the run throws.
/// Called from several threads at once when the code under test does so.</param>
public sealed record FakeGraph(
    string Name,
    IReadOnlyList<TensorDescription> Inputs,
    IReadOnlyList<TensorDescription> Outputs,
    Func<IReadOnlyDictionary<string, Tensor>, IReadOnlyDictionary<string, Tensor>> Run);
