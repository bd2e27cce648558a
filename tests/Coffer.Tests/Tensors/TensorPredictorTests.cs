using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Tensors;
using Coffer.Testing;
using Coffer.Tests.Onnx;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Tests.Tensors;

public sealed class TensorPredictorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_RealRunner_GivesAllOutputsAndWhatMadeThem()
    {
        using var runner = TestGraph.Runner(Create(
            [Node("Add", "a b", "sum"), Node("Shape", "a", "size")],
            [Value("a", FloatType, "n"), Value("b", FloatType, "n")],
            [Value("sum", FloatType, "n"), Value("size", Int64Type, 1)]));
        var context = new CountingContext();
        using var predictor = new TensorPredictor(runner, ["model"], context);

        var prediction = predictor.Predict(Inputs(("a", Tensor.Create([1f, 2], 2)), ("b", Tensor.Create([10f, 20], 2))), cancellationToken: Token);

        Assert.Equal([11f, 22], prediction.Value["sum"].AsSpan<float>());
        Assert.Equal([2L], prediction.Value["size"].AsSpan<long>());
        Assert.Equal("CPU", prediction.ExecutionProvider);
        Assert.Equal("digest", prediction.ModelDigest);
        Assert.Equal(1, context.Charged);
    }

    [Fact]
    public void Predict_EveryElementType_PassesThrough()
    {
        AssertPasses(1, Tensor.Create([1.5f], 1));
        AssertPasses(11, Tensor.Create([1.5], 1));
        AssertPasses(10, Tensor.Create([(Half)1.5f], 1));
        AssertPasses(16, Tensor.Create([(BFloat16)1.5f], 1));
        AssertPasses(3, Tensor.Create([(sbyte)-1], 1));
        AssertPasses(5, Tensor.Create([(short)-1], 1));
        AssertPasses(6, Tensor.Create([-1], 1));
        AssertPasses(7, Tensor.Create([-1L], 1));
        AssertPasses(2, Tensor.Create([(byte)255], 1));
        AssertPasses(4, Tensor.Create([ushort.MaxValue], 1));
        AssertPasses(12, Tensor.Create([uint.MaxValue], 1));
        AssertPasses(13, Tensor.Create([ulong.MaxValue], 1));
        AssertPasses(9, Tensor.Create([true], 1));
        AssertPasses(8, Tensor.Create(["text"], 1));
    }

    [Fact]
    public async Task PredictBatchAsync_Inputs_RunsEachInOrderAndChargesOnceForAll()
    {
        using var runner = TestGraph.Runner(Identity(Int64Type, "n"));
        var context = new CountingContext();
        using var predictor = new TensorPredictor(runner, ["model"], context);

        var predictions = await predictor.PredictBatchAsync([.. Enumerable.Range(0, 5).Select(i => Inputs(("x", Tensor.Create(new long[i], i))))], null, Token);

        Assert.Equal([0, 1, 2, 3, 4], predictions.Select(prediction => prediction.Value["y"].Length));
        Assert.Equal(5, context.Charged);
        Assert.Empty(await predictor.PredictBatchAsync([], null, Token));
    }

    [Fact]
    public async Task PredictAsync_ChosenGraphAndOutputs_GivesThose()
    {
        using var runner = new FakeModelRunner(Constant("encoder", 1), Constant("decoder", 2)) { Capabilities = new(Synchronous: false, Carry: false) };
        var context = new CountingContext();
        using var predictor = new TensorPredictor(runner, ["encoder", "decoder"], context);

        var prediction = await predictor.PredictAsync(Inputs(), new() { Graph = "decoder", Outputs = ["b"] }, Token);

        Assert.Equal(["b"], prediction.Value.Keys);
        Assert.Equal([2L], prediction.Value["b"].AsSpan<long>());
        Assert.Equal(InferenceError.UnknownGraph, (await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync(Inputs(), null, Token))).Error);
        Assert.Equal(InferenceError.UnknownTensor, (await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync(Inputs(), new() { Graph = "decoder", Outputs = ["c"] }, Token))).Error);
        await Assert.ThrowsAsync<ArgumentException>(() => predictor.PredictAsync(Inputs(), new() { Graph = "decoder", Outputs = [] }, Token));
        Assert.Throws<NotSupportedException>(() => predictor.Predict(Inputs(), new() { Graph = "decoder" }, Token));
        Assert.Equal(1, context.Charged);
    }

    [Fact]
    public void Predict_WrongInputs_ThrowsWhatIsWrong()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, "n"));
        var context = new CountingContext();
        using var predictor = new TensorPredictor(runner, ["model"], context);

        Assert.Equal(InferenceError.InvalidCall, Error(Inputs()));
        Assert.Equal(InferenceError.UnknownTensor, Error(Inputs(("z", Tensor.Create([1f], 1)))));
        Assert.Equal(InferenceError.WrongElementType, Error(Inputs(("x", Tensor.Create([1L], 1)))));
        Assert.Equal(InferenceError.WrongShape, Error(Inputs(("x", Tensor.Scalar(1f)))));
        Assert.Equal(4, context.Charged);

        InferenceError Error(IReadOnlyDictionary<string, Tensor> inputs) =>
            Assert.Throws<InferenceException>(() => predictor.Predict(inputs, null, Token)).Error;
    }

    // The graph would run for practically ever: that the call ends at all shows that it was stopped.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Predict_CancelledWhileTheModelRuns_StopsItAndStaysUsable(bool asynchronous)
    {
        using var runner = Onnx.TestGraph.Runner(Onnx.OnnxModelCallTests.EndlessLoop());
        var context = new Vision.FakePredictorContext();
        using var predictor = new TensorPredictor(runner, ["model"], context);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = asynchronous ? predictor.PredictAsync(Trips(long.MaxValue), cancellationToken: source.Token) : Task.Run(() => predictor.Predict(Trips(long.MaxValue), cancellationToken: source.Token), TestContext.Current.CancellationToken);
        while (context.Charges.Count == 0)
        {
            await Task.Yield();
        }

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal([3f], predictor.Predict(Trips(3), cancellationToken: TestContext.Current.CancellationToken).Value["y"].AsSpan<float>());

        static Dictionary<string, Tensor> Trips(long count) => new() { ["trips"] = Tensor.Scalar(count), ["x"] = Tensor.Create(new float[1], 1) };
    }

    [Fact]
    public void Predict_AfterDispose_Throws()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 1));
        var context = new CountingContext();
        var predictor = new TensorPredictor(runner, ["model"], context);
        predictor.Dispose();

        Assert.Throws<ObjectDisposedException>(() => predictor.Predict(Inputs(("x", Tensor.Create([1f], 1))), null, Token));
    }

    [Fact]
    public void Predict_FallenBack_SaysSoInTheResult()
    {
        using var runner = TestGraph.Runner(Identity(FloatType, 1), new() { Providers = [ExecutionProvider.Cuda()] });
        var context = new CountingContext();
        using var predictor = new TensorPredictor(runner, ["model"], context);

        var prediction = predictor.Predict(Inputs(("x", Tensor.Create([1f], 1))), null, Token);

        Assert.Equal("CPU", prediction.ExecutionProvider);
        Assert.Equal("CUDA", prediction.Fallback!.From);
    }

    private static void AssertPasses(int type, Tensor tensor)
    {
        using var runner = TestGraph.Runner(Identity(type, 1));
        var context = new CountingContext();
        using var predictor = new TensorPredictor(runner, ["model"], context);
        var output = predictor.Predict(Inputs(("x", tensor)), null, Token).Value["y"];

        Assert.Equal(tensor.ToString(), output.ToString());
        Assert.Equal(tensor.AsBytes(), output.AsBytes());
        Assert.True(tensor.ElementType != ElementType.String || output.AsSpan<string>()[0] == "text");
    }

    private static FakeGraph Constant(string name, long value) => new(
        name,
        [],
        [new("a", ElementType.Float32, []), new("b", ElementType.Int64, [new(1)])],
        _ => new Dictionary<string, Tensor> { ["a"] = Tensor.Scalar(0f), ["b"] = Tensor.Create([value], 1) });

    private static Dictionary<string, Tensor> Inputs(params (string Name, Tensor Tensor)[] tensors) => tensors.ToDictionary(input => input.Name, input => input.Tensor);

    private sealed class CountingContext() : PredictorContext("tensors", "digest", new SemaphoreSlim(2), TimeProvider.System)
    {
        private int _charged;

        public int Charged => _charged;

        protected override EntitledCall Charge(ExecutionTarget target, int units)
        {
            _ = Interlocked.Add(ref _charged, units);
            return default;
        }
    }
}
