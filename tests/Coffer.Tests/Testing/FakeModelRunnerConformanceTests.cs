using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Testing;
using Coffer.Tests.Inference;

namespace Coffer.Tests.Testing;

public sealed class FakeModelRunnerConformanceTests : ModelRunnerConformance
{
    protected override IModelRunner CreateRunner() => FakeAffine.CreateRunner(Graph, new RunnerCapabilities(Synchronous: true, Carry: true));
}

public sealed class FakeRemoteModelRunnerConformanceTests : ModelRunnerConformance
{
    protected override IModelRunner CreateRunner() => FakeAffine.CreateRunner(Graph, new RunnerCapabilities(Synchronous: false, Carry: false));
}

internal static class FakeAffine
{
    public static FakeModelRunner CreateRunner(string graph, RunnerCapabilities capabilities) => new(new FakeGraph(
        graph,
        [new("x", ElementType.Float32, [new(null, "batch"), new(2)]), new("offset", ElementType.Float32, [new(2)])],
        [new("y", ElementType.Float32, [new(null, "batch"), new(2)]), new("count", ElementType.Int64, [new(2)])],
        Run))
    {
        Capabilities = capabilities,
    };

    private static Dictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var offset = inputs["offset"].AsSpan<float>().ToArray();
        var y = inputs["x"].AsSpan<float>().ToArray().Select((x, i) => (2 * x) + offset[i % 2]).ToArray();
        return new() { ["y"] = Tensor.Create(y, inputs["x"].Shape), ["count"] = Tensor.Create(inputs["x"].Shape.ToArray(), 2) };
    }
}
