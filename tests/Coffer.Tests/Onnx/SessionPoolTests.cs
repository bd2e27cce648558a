using Coffer.Inference;
using Coffer.Onnx;
using static Coffer.Tests.Onnx.OnnxModelRunnerTests;

namespace Coffer.Tests.Onnx;

public sealed class SessionPoolTests
{
    private static readonly ExecutionOptions Direct = new() { WeightLoading = WeightLoading.Direct };

    [Fact]
    public void Get_EqualOptions_SharesTheSessionUntilTheLastRunnerIsGone()
    {
        var (graph, pool) = (new TestGraph(), new SessionPool());
        var source = Source(graph);
        var one = Runner(source, Direct, pool);
        var other = Runner(source, new() { WeightLoading = WeightLoading.Direct, Providers = [ExecutionProvider.Cpu], MaxConcurrency = 3 }, pool);

        Assert.Equal([310f, 420f], Run(one));
        Assert.Equal([310f, 420f], Run(other));
        Assert.Equal(1, graph.Opened);
        Assert.Same(one.Describe("model"), other.Describe("model"));

        one.Dispose();
        one.Dispose();
        Assert.Equal([310f, 420f], Run(other));
        Assert.Throws<ObjectDisposedException>(() => one.Rent("model"));
        Assert.False(graph.IsDisposed);

        other.Dispose();
        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public void Get_OtherOptions_SharesTheWeightsAlone()
    {
        var (graph, pool) = (new TestGraph(), new SessionPool());
        var source = Source(graph);
        var one = Runner(source, Direct, pool);
        var other = Runner(source, Direct with { IntraOpThreads = 1 }, pool);

        Assert.Equal([310f, 420f], Run(one));
        Assert.Equal([310f, 420f], Run(other));
        Assert.Equal(1, graph.Opened);
        Assert.NotSame(one.Describe("model"), other.Describe("model"));

        one.Dispose();
        Assert.Equal([310f, 420f], Run(other));
        other.Dispose();
        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public void Get_AfterTheLastRunner_LoadsAnew()
    {
        var (graph, pool) = (new TestGraph(), new SessionPool());
        var source = Source(graph);
        using (var one = Runner(source, Direct, pool))
        {
            _ = one.Describe("model");
        }

        using var next = Runner(Source(graph), Direct, pool);
        _ = next.Describe("model");

        Assert.Equal(2, graph.Opened);
    }

    [Fact]
    public void Get_CallInFlightWhenEveryRunnerIsDisposed_Finishes()
    {
        var (graph, pool) = (new TestGraph(), new SessionPool());
        var one = Runner(Source(graph), Direct, pool);
        var call = one.Rent("model");
        one.Dispose();

        new float[] { 10, 100 }.CopyTo(call.Input<float>("x", [1, 2]));
        call.Run(TestContext.Current.CancellationToken);
        Assert.Equal([310f, 420f], call.Output<float>("y"));
        Assert.False(graph.IsDisposed);

        call.Dispose();
        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public void Get_WithoutTheKey_GetsNothingThatAnotherDecrypted()
    {
        var (graph, pool) = (new TestGraph(), new SessionPool());
        using var entitled = Runner(Source(graph), Direct, pool);
        _ = entitled.Describe("model");
        using var other = Runner(Source(graph) with { Identity = new SharedIdentity("digest", () => throw new UnauthorizedAccessException()) }, Direct, pool);

        Assert.Throws<UnauthorizedAccessException>(() => other.Describe("model"));
    }

    [Fact]
    public void Get_OtherManifest_SharesNothing()
    {
        var (one, other, pool) = (new TestGraph(), new TestGraph(), new SessionPool());
        using var first = Runner(Source(one), Direct, pool);
        using var second = Runner(Source(other) with { Identity = new SharedIdentity("other", () => { }) }, Direct, pool);

        Assert.NotSame(first.Describe("model"), second.Describe("model"));
        Assert.Equal((1, 1), (one.Opened, other.Opened));
    }

    [Fact]
    public void Get_FailedLoad_IsTriedAgain()
    {
        var pool = new SessionPool();
        var broken = new TestGraph();
        using (var one = Runner(broken.Create("model", "no model"u8.ToArray()) with { Identity = new SharedIdentity("digest", () => { }) }, Direct, pool))
        {
            Assert.Throws<InferenceException>(() => one.Describe("model"));
            Assert.True(broken.IsDisposed);
        }

        using var next = Runner(Source(new TestGraph()), Direct, pool);
        Assert.Equal([310f, 420f], Run(next));
    }

    [Fact]
    public async Task Get_ManyThreads_LoadsOnce()
    {
        var (graph, pool) = (new TestGraph(), new SessionPool());
        var source = Source(graph);
        var runners = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            var runner = Runner(source, Direct, pool);
            Assert.Equal([310f, 420f], Run(runner));
            return runner;
        })));

        Assert.Equal(1, graph.Opened);
        await Task.WhenAll(runners.Select(runner => Task.Run(runner.Dispose)));
        Assert.True(graph.IsDisposed);
    }

    private static OnnxGraphSource Source(TestGraph graph) =>
        graph.Create("model", ExternalMatMul(), ("weights", Floats([1, 2, 3, 4]))) with { Identity = new SharedIdentity("digest", () => { }) };

    private static OnnxModelRunner Runner(OnnxGraphSource source, ExecutionOptions options, SessionPool pool) => new([source], options, logger: null, pool);

    private static float[] Run(OnnxModelRunner runner)
    {
        using var call = runner.Rent("model");
        new float[] { 10, 100 }.CopyTo(call.Input<float>("x", [1, 2]));
        call.Run(TestContext.Current.CancellationToken);
        return call.Output<float>("y").ToArray();
    }
}
