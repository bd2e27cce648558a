using Coffer.Inference;
using Coffer.Onnx;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Tests.Onnx;

public sealed class OnnxModelRunnerTests
{
    [Theory]
    [InlineData(WeightLoading.Direct, false)]
    [InlineData(WeightLoading.Prepacked, true)]
    public void Run_ExternalWeightsInMemory_UsesThemAndFreesThemWhenCopied(WeightLoading loading, bool freedAfterLoad)
    {
        var graph = new TestGraph();
        using (var runner = new OnnxModelRunner([graph.Create("model", ExternalMatMul(), ("weights", Floats([1, 2, 3, 4])))], new() { WeightLoading = loading }))
        {
            using var call = runner.Rent("model");
            new float[] { 10, 100 }.CopyTo(call.Input<float>("x", [1, 2]));
            call.Run(TestContext.Current.CancellationToken);

            Assert.Equal([310f, 420f], call.Output<float>("y"));
            Assert.Equal(freedAfterLoad, graph.IsDisposed);
        }

        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public void Dispose_GraphNeverUsed_OpensNothing()
    {
        var graph = new TestGraph();

        new OnnxModelRunner([graph.Create("model", ExternalMatMul())], ExecutionOptions.Default).Dispose();

        Assert.False(graph.IsOpened);
    }

    [Fact]
    public void Describe_BytesThatAreNoModel_ThrowsInvalidModelAndCanBeDisposed()
    {
        var graph = new TestGraph();
        using (var runner = new OnnxModelRunner([graph.Create("model", "not a model"u8.ToArray())], ExecutionOptions.Default))
        {
            var exception = Assert.Throws<InferenceException>(() => runner.Describe("model"));

            Assert.Equal(InferenceError.InvalidModel, exception.Error);
            Assert.Contains("'model'", exception.Message, StringComparison.Ordinal);
        }

        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public void Describe_UnknownOperator_ThrowsInvalidModelWithItsName()
    {
        using var runner = TestGraph.Runner(Create([Node("Frobnicate", "x", "y")], [Value("x", FloatType, 1)], [Value("y", FloatType, 1)]));

        var exception = Assert.Throws<InferenceException>(() => runner.Describe("model"));

        Assert.Equal(InferenceError.InvalidModel, exception.Error);
        Assert.Contains("Frobnicate", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_ExternalDataThatWasNotGiven_ThrowsInvalidModel()
    {
        using var runner = TestGraph.Runner(ExternalMatMul());

        Assert.Equal(InferenceError.InvalidModel, Assert.Throws<InferenceException>(() => runner.Describe("model")).Error);
    }

    [Fact]
    public void Describe_SymbolicScalarAndUnknownRank_AreToldApart()
    {
        using var runner = TestGraph.Runner(Create(
            [Node("Identity", "a", "x"), Node("Identity", "b", "y"), Node("Identity", "c", "z")],
            [Value("a", FloatType, "batch", 3), Value("b", Int64Type), ValueOfAnyRank("c", BoolType)],
            [Value("x", FloatType, "batch", 3), Value("y", Int64Type), ValueOfAnyRank("z", BoolType)]));

        var inputs = runner.Describe("model").Inputs;

        Assert.Equal("a float32 [batch, 3]", inputs[0].ToString());
        Assert.Equal("b int64 []", inputs[1].ToString());
        Assert.Equal("c bool [...]", inputs[2].ToString());
    }

    [Fact]
    public void Rent_InputOfUnknownRank_TakesAnyShape()
    {
        using var runner = TestGraph.Runner(Create([Node("Identity", "x", "y")], [ValueOfAnyRank("x", BoolType)], [ValueOfAnyRank("y", BoolType)]));
        using var call = runner.Rent("model");

        call.Input<bool>("x", [2, 1, 1]).Fill(true);
        call.Run(TestContext.Current.CancellationToken);

        Assert.Equal([2L, 1, 1], call.OutputShape("y"));
        Assert.Equal([true, true], call.Output<bool>("y"));
    }

    [Fact]
    public void Providers_CudaNotThere_FallsBackAndSaysWhy()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 1), new() { Providers = [ExecutionProvider.Cuda(), ExecutionProvider.Cpu] });

        var signature = runner.Describe("model");

        Assert.Equal("CPU", signature.ExecutionProvider);
        Assert.Equal("CUDA", signature.Fallback!.From);
        Assert.Contains("without CUDA", signature.Fallback.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Providers_RequiredCudaNotThere_ThrowsProviderUnavailableWithTheFix()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 1), new() { Providers = [ExecutionProvider.Cuda()], RequireGpu = true });

        var exception = Assert.Throws<InferenceException>(() => runner.Describe("model"));

        Assert.Equal(InferenceError.ProviderUnavailable, exception.Error);
        Assert.Contains("Coffer.Runtime.Gpu", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Providers_RequireGpuWithoutGpuProvider_ThrowsArgumentException() =>
        Assert.Throws<ArgumentException>(() => TestGraph.Runner(Identity(FloatType, 1), new() { RequireGpu = true }));

    [Fact]
    public void Providers_CpuOnly_IsNoFallback()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 1));

        Assert.Null(runner.Describe("model").Fallback);
    }

    [Theory]
    [InlineData(GraphOptimization.None)]
    [InlineData(GraphOptimization.Basic)]
    [InlineData(GraphOptimization.Extended)]
    [InlineData(GraphOptimization.All)]
    public void GraphOptimization_AnyLevel_GivesTheSameResult(GraphOptimization level)
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 2), new() { GraphOptimization = level, IntraOpThreads = 1, InterOpThreads = 2 });
        using var call = runner.Rent("model");
        call.Input<float>("x", [2]).Fill(3);

        call.Run(TestContext.Current.CancellationToken);

        Assert.Equal([3f, 3f], call.Output<float>("y"));
    }

    [Fact]
    public void Dispose_WithCallInFlight_LetsItFinishAndThenFreesEverything()
    {
        var graph = new TestGraph();
        var runner = new OnnxModelRunner([graph.Create("model", ExternalMatMul(), ("weights", Floats([1, 2, 3, 4])))], new() { WeightLoading = WeightLoading.Direct });
        var call = runner.Rent("model");
        new float[] { 1, 1 }.CopyTo(call.Input<float>("x", [1, 2]));

        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runner.Rent("model"));
        call.Run(TestContext.Current.CancellationToken);

        Assert.Equal([4f, 6f], call.Output<float>("y"));
        Assert.False(graph.IsDisposed);
        call.Dispose();
        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public async Task Rent_ManyThreadsAtOnce_LoadOneSessionAndGiveRightResults()
    {
        using var runner = TestGraph.Runner(Identity(Int64Type, "n"));

        await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, async (i, cancellationToken) =>
        {
            using var call = runner.Rent("model");
            call.Input<long>("x", [i % 7]).Fill(i);
            await call.RunAsync(cancellationToken);
            Assert.Equal(Enumerable.Repeat((long)i, i % 7), call.Output<long>("y").ToArray());
        });
    }

    /// <summary>y[1, 2] = x[1, 2] times a 2 x 2 matrix that is elsewhere.</summary>
    internal static byte[] ExternalMatMul() => Create(
        [Node("MatMul", "x w", "y")],
        [Value("x", FloatType, 1, 2)],
        [Value("y", FloatType, 1, 2)],
        ExternalInitializer("w", FloatType, "weights", 0, 16, 2, 2));

    internal static byte[] Floats(float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
