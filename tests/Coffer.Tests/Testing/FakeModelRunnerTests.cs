using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Testing;

namespace Coffer.Tests.Testing;

public sealed class FakeModelRunnerTests
{
    [Fact]
    public async Task Runs_AfterRuns_HoldCopiesOfTheirInputs()
    {
        using var runner = new FakeModelRunner(new FakeGraph(
            "model",
            Inputs: [new TensorDescription("x", ElementType.Float32, [new Dimension(null, "batch")])],
            Outputs: [new TensorDescription("y", ElementType.Float32, [new Dimension(null, "batch")])],
            Run: inputs => new Dictionary<string, Tensor> { ["y"] = inputs["x"] }));
        using var call = runner.Rent("model");

        call.Input<float>("x", [2]).Fill(1);
        await call.RunAsync(TestContext.Current.CancellationToken);
        call.Input<float>("x", [1]).Fill(2);
        await call.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, runner.Runs.Count);
        Assert.Equal([1f, 1], runner.Runs[0].Inputs["x"].AsSpan<float>());
        Assert.Equal([2f], runner.Runs[1].Inputs["x"].AsSpan<float>());
    }

    [Fact]
    public async Task RunAsync_DelegateThatForgetsAnOutput_SaysWhich()
    {
        using var runner = new FakeModelRunner(new FakeGraph("model", [], [new("y", ElementType.Float32, [])], _ => new Dictionary<string, Tensor>()));
        using var call = runner.Rent("model");

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await call.RunAsync(TestContext.Current.CancellationToken));

        Assert.Contains("y float32 []", exception.Message, StringComparison.Ordinal);
    }
}
