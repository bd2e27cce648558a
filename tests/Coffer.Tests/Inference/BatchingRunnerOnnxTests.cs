using Coffer.Inference;
using Coffer.Tests.Onnx;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Tests.Inference;

/// <summary>Batches of real runs.</summary>
public sealed class BatchingRunnerOnnxTests
{
    private const string Graph = "model";
    private const int Width = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_ManyThreads_GivesTheNumbersOfRunsAlone()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"Seed {seed}");
        var model = Layer(new Random(seed));
        using var alone = TestGraph.Runner(model);
        using var runner = new BatchingRunner(TestGraph.Runner(model), new() { MaxBatch = 8 });
        Assert.True(runner.Describe(Graph).Capabilities.Batches);
        var worst = new float[16];
        var threads = Enumerable.Range(0, worst.Length).Select(worker => new Thread(() => Work(new Random(seed + worker), ref worst[worker]))).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.True(worst.Max() < 1e-5f, $"Seed {seed}: off by {worst.Max()}");

        void Work(Random random, ref float difference)
        {
            difference = float.PositiveInfinity;
            var largest = 0f;
            for (var i = 0; i < 100; i++)
            {
                var x = Floats(random, random.Next(1, 4) * Width);
                var (expected, actual) = (Run(alone, x), Run(runner, x));
                Assert.Equal(expected.Length, actual.Length);
                for (var j = 0; j < actual.Length; j++)
                {
                    largest = Math.Max(largest, Math.Abs(expected[j] - actual[j]));
                }
            }

            difference = largest;
        }

        static float[] Run(IModelRunner runner, float[] x)
        {
            using var call = runner.Rent(Graph);
            x.CopyTo(call.Input<float>("x", [x.Length / Width, Width]));
            call.Run(Token);
            Assert.Equal([x.Length / Width, (long)Width], call.OutputShape("y"));
            return call.Output<float>("y").ToArray();
        }
    }

    [Fact]
    public void Run_NobodyElseAndTheSameShape_AllocatesNothing()
    {
        using var runner = new BatchingRunner(TestGraph.Runner(Layer(new Random(1))));
        using var source = new CancellationTokenSource();
        long[] shape = [1, Width];
        var sum = 0f;
        Use(1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Use(100);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Use(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var call = runner.Rent(Graph);
                call.Input<float>("x", shape).Fill(1);
                call.Run(source.Token);
                sum += call.Output<float>("y")[2];
            }
        }
    }

    [Fact]
    public async Task RunAsync_EveryElementType_ComesBackAsItWent()
    {
        // The numbers are ONNX's TensorProto.DataType.
        await AssertIdentityAsync(FloatType, [1.5f, -2, float.NaN]);
        await AssertIdentityAsync<Half>(10, [(Half)1.5f, Half.MinValue, Half.Zero]);
        await AssertIdentityAsync<BFloat16>(16, [(BFloat16)1.5f, (BFloat16)(-2f), (BFloat16)0f]);
        await AssertIdentityAsync(11, [1.5, -2, double.MaxValue]);
        await AssertIdentityAsync(3, new sbyte[] { -128, 127, 0 });
        await AssertIdentityAsync(5, new short[] { short.MinValue, short.MaxValue, 0 });
        await AssertIdentityAsync(6, [int.MinValue, int.MaxValue, 0]);
        await AssertIdentityAsync(Int64Type, [long.MinValue, long.MaxValue, 0]);
        await AssertIdentityAsync(2, new byte[] { 0, 255, 1 });
        await AssertIdentityAsync(4, new ushort[] { 0, ushort.MaxValue, 1 });
        await AssertIdentityAsync<uint>(12, [0u, uint.MaxValue, 1]);
        await AssertIdentityAsync<ulong>(13, [0ul, ulong.MaxValue, 1]);
        await AssertIdentityAsync(BoolType, [true, false, true]);
        await AssertIdentityAsync(StringType, ["", "Grüße", "zero\0inside"]);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItRuns_StopsTheModelAndStaysUsable()
    {
        using var runner = new BatchingRunner(TestGraph.Runner(EndlessLoop()));
        using var call = runner.Rent(Graph);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Write(call, long.MaxValue, 0);

        var run = call.RunAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        call.Input<long>("trips", [])[0] = 3;
        await call.RunAsync(Token);
        Assert.Equal([3f], call.Output<float>("y"));
    }

    [Fact]
    public async Task Run_LeaderCancelledWhileItsBatchRuns_LeavesAndTheOthersGoOn()
    {
        using var runner = new BatchingRunner(TestGraph.Runner(EndlessLoop()), new() { MaxDelay = Timeout.InfiniteTimeSpan });
        using var first = new CancellationTokenSource();
        using var leader = new CancellationTokenSource();
        using var other = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var holding = runner.Rent(Graph);
        Write(holding, long.MaxValue, 0);
        var held = holding.RunAsync(first.Token).AsTask();
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            using var call = runner.Rent(Graph);
            Write(call, long.MaxValue, 1);
            call.Run(leader.Token);
        }));
        thread.Start();
        while (!thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
        {
            await Task.Yield();
        }

        using var staying = runner.Rent(Graph);
        Write(staying, long.MaxValue, 2);
        var stays = staying.RunAsync(other.Token).AsTask();
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);

        await leader.CancelAsync();
        thread.Join();
        Assert.IsType<OperationCanceledException>(failure);
        Assert.False(stays.IsCompleted);
        await other.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stays);

        staying.Input<long>("trips", [])[0] = 3;
        await staying.RunAsync(Token);
        Assert.Equal([5f], staying.Output<float>("y"));
    }

    [Fact]
    public void Rent_StringsOfAnEarlierCall_AreGone()
    {
        using var runner = new BatchingRunner(TestGraph.Runner(Identity(StringType, "batch")));
        using (var first = runner.Rent(Graph))
        {
            first.Input<string>("x", [1])[0] = "private";
            first.Run(Token);
        }

        using var second = runner.Rent(Graph);
        _ = second.Input<string>("x", [1]);
        second.Run(Token);

        Assert.Equal([""], second.Output<string>("y"));
    }

    private static async Task AssertIdentityAsync<T>(int type, T[] values)
    {
        using var runner = new BatchingRunner(TestGraph.Runner(Identity(type, "batch")), new() { MaxBatch = 3, MaxDelay = Timeout.InfiniteTimeSpan });
        var calls = Array.ConvertAll(values, value =>
        {
            var call = runner.Rent(Graph);
            call.Input<T>("x", [1])[0] = value;
            return call;
        });

        // The first runs alone, the others may share: whichever way, each gets its own back.
        await Task.WhenAll(calls.Select(call => call.RunAsync(Token).AsTask()));

        Assert.Equal(values, calls.Select(call => call.Output<T>("y")[0]));
        Array.ForEach(calls, call => call.Dispose());
    }

    private static void Write(IModelCall call, long trips, float x)
    {
        call.Input<long>("trips", [])[0] = trips;
        call.Input<float>("x", [1])[0] = x;
    }

    private static float[] Floats(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

    /// <summary>y = relu(x w + b).</summary>
    private static byte[] Layer(Random random) => Create(
        [Node("MatMul", "x w", "xw"), Node("Add", "xw b", "sum"), Node("Relu", "sum", "y")],
        [Value("x", FloatType, "batch", Width)],
        [Value("y", FloatType, "batch", Width)],
        Initializer("w", FloatType, Floats(random, Width * Width), Width, Width),
        Initializer("b", FloatType, Floats(random, Width), Width));

    /// <summary>y = x + 1 + 1 + …, as often as asked.</summary>
    private static byte[] EndlessLoop() => Create(
        [
            Node("Loop", "trips forever x", "y", Attribute("body", TinyModel.Graph(
                [Node("Identity", "go", "go_on"), Node("Add", "v one", "w")],
                [Value("i", Int64Type), Value("go", BoolType), Value("v", FloatType, "batch")],
                [Value("go_on", BoolType), Value("w", FloatType, "batch")]))),
        ],
        [Value("trips", Int64Type), Value("x", FloatType, "batch")],
        [Value("y", FloatType, "batch")],
        Initializer("forever", BoolType, [true]),
        Initializer("one", FloatType, [1f]));
}

/// <summary>The suite's graph gives its input's shape, which no batch can share: it passes through, and must do so unharmed.</summary>
public sealed class BatchingRunnerConformanceTests : ModelRunnerConformance
{
    protected override IModelRunner CreateRunner() =>
        new BatchingRunner(Testing.FakeAffine.CreateRunner(Graph, new RunnerCapabilities(Synchronous: true, Carry: true)));
}
