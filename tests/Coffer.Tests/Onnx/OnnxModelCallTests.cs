using Coffer.Inference;
using static Coffer.Tests.Onnx.TinyModel;

namespace Coffer.Tests.Onnx;

public sealed class OnnxModelCallTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_EveryElementType_ComesBackAsItWent()
    {
        // The numbers are ONNX's TensorProto.DataType.
        AssertIdentity(1, [1.5f, -2, float.NaN]);
        AssertIdentity(11, [1.5, -2, double.MaxValue]);
        AssertIdentity(10, [(Half)1.5f, Half.MinValue]);
        AssertIdentity(16, [(BFloat16)1.5f, (BFloat16)(-2f)]);
        AssertIdentity(3, new sbyte[] { -128, 127 });
        AssertIdentity(5, new short[] { short.MinValue, short.MaxValue });
        AssertIdentity(6, [int.MinValue, int.MaxValue]);
        AssertIdentity(7, [long.MinValue, long.MaxValue]);
        AssertIdentity(2, new byte[] { 0, 255 });
        AssertIdentity(4, new ushort[] { 0, ushort.MaxValue });
        AssertIdentity(12, [0u, uint.MaxValue]);
        AssertIdentity(13, [0ul, ulong.MaxValue]);
        AssertIdentity(9, [true, false, true]);
        AssertIdentity(8, ["", "Grüße", "zero\0inside", "\U0001F600"]);
    }

    [Fact]
    public void Run_Scalar_TakesAndGivesOneElementWithoutDimensions()
    {
        using var runner = TestGraph.Runner(Identity(FloatType));
        using var call = runner.Rent("model");
        call.Input<float>("x", [])[0] = 7;

        call.Run(Token);

        Assert.True(call.OutputShape("y").IsEmpty);
        Assert.Equal([7f], call.Output<float>("y"));
    }

    [Fact]
    public void Run_StringsLeftUnwritten_AreEmpty()
    {
        using var runner = TestGraph.Runner(Identity(StringType, "n"));
        using var call = runner.Rent("model");
        call.Input<string>("x", [2])[1] = "b";

        call.Run(Token);

        Assert.Equal(["", "b"], call.Output<string>("y"));
    }

    [Fact]
    public void Input_WrittenAfterARun_DoesNotChangeTheOutput()
    {
        // Reshape passes its input's memory on where it can; not to what the caller reads.
        using var runner = TestGraph.Runner(Create(
            [Node("Reshape", "x shape", "y")], [Value("x", FloatType, 2, 2)], [Value("y", FloatType, 4)], Initializer("shape", Int64Type, [4L], 1)));
        using var call = runner.Rent("model");
        for (var run = 1; run <= 3; run++)
        {
            call.Input<float>("x", [2, 2]).Fill(run);
            call.Run(Token);
            call.Input<float>("x", [2, 2]).Fill(-1);

            Assert.Equal([run, run, run, (float)run], call.Output<float>("y"));
        }
    }

    [Fact]
    public void Run_OutputShapeThatDependsOnData_MayDifferEveryTime()
    {
        using var runner = TestGraph.Runner(Create([Node("NonZero", "x", "y")], [Value("x", FloatType, 4)], [Value("y", Int64Type, 1, "n")]));
        using var call = runner.Rent("model");
        foreach (var count in new[] { 2, 4, 0, 3 })
        {
            var x = call.Input<float>("x", [4]);
            x.Clear();
            x[..count].Fill(1);
            call.Run(Token);

            Assert.Equal([1L, count], call.OutputShape("y"));
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), call.Output<long>("y").ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData("batch")]
    public void Run_AgainWithTheSameShapes_AllocatesNothing(object batch)
    {
        using var runner = TestGraph.Runner(Create([Node("Add", "x x", "y")], [Value("x", FloatType, batch, 3)], [Value("y", FloatType, batch, 3)]));
        using var source = new CancellationTokenSource();
        // In a variable: unoptimised code allocates for a collection expression.
        long[] shape = [1, 3];
        var sum = 0f;
        Use(1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Use(100);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(2200, sum);

        void Use(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var call = runner.Rent("model");
                call.Input<float>("x", shape).Fill(1);
                call.Run(source.Token);
                sum += call.Output<float>("y")[2];
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData("batch")]
    public void Carry_AgainWithTheSameShapes_AllocatesNothing(object batch)
    {
        using var runner = TestGraph.Runner(Create(
            [Node("Add", "state one", "next")], [Value("state", FloatType, batch, 3)], [Value("next", FloatType, batch, 3)], Initializer("one", FloatType, [1f])));
        long[] shape = [2, 3];
        var last = 0f;
        Use(100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Use(10);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10, last);

        void Use(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var call = runner.Rent("model");
                call.Input<float>("state", shape).Clear();
                for (var step = 0; step < 10; step++)
                {
                    call.Run(Token);
                    last = call.Output<float>("next")[5];
                    call.Carry("next", "state");
                }
            }
        }
    }

    // Before, while and just after: whenever it comes, it stops this run or none.
    [Fact]
    public void Run_CancelledAtAnyMoment_LeavesNoTraceInTheNextRun()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"Seed {seed}");
        var random = new Random(seed);
        using var runner = TestGraph.Runner(EndlessLoop());
        var (cancelled, finished) = (0, 0);
        using var barrier = new Barrier(2);
        using var source = new Exchanged();
        var spins = 0;
        var canceller = new Thread(() =>
        {
            for (var i = 0; i < 3000; i++)
            {
                barrier.SignalAndWait(Token);
                Thread.SpinWait(Volatile.Read(ref spins));
                source.Current.Cancel();
                barrier.SignalAndWait(Token);
            }
        })
        {
            // Where the test fails, nobody meets it at the barrier again.
            IsBackground = true,
        };
        canceller.Start();
        for (var i = 0; i < 3000; i++)
        {
            using var call = runner.Rent("model");
            var trips = random.Next(1, 200);
            Write(call, trips);
            source.Renew();
            Volatile.Write(ref spins, random.Next(4000));
            barrier.SignalAndWait(Token);
            try
            {
                call.Run(source.Current.Token);
                finished++;
                Assert.Equal(trips, call.Output<float>("y")[0]);
            }
            catch (OperationCanceledException)
            {
                cancelled++;
            }

            // At once: a cancellation that comes late meets this run.
            Write(call, trips);
            call.Run(Token);
            Assert.True(trips == call.Output<float>("y")[0], $"Seed {seed}");
            barrier.SignalAndWait(Token);
        }

        canceller.Join();
        Assert.True(cancelled > 0 && finished > 0, $"Seed {seed}: {cancelled} cancelled, {finished} finished");

        static void Write(IModelCall call, int trips)
        {
            call.Input<long>("trips", [])[0] = trips;
            call.Input<float>("x", [1])[0] = 0;
        }
    }

    [Fact]
    public void Carry_FixedShape_NeverOverwritesTheStateThatIsRead()
    {
        // next = state with its halves exchanged: wrong as soon as output and input share memory.
        using var runner = TestGraph.Runner(Create(
            [Node("Gather", "state order", "next")],
            [Value("state", FloatType, 4)],
            [Value("next", FloatType, 4)],
            Initializer("order", Int64Type, [2L, 3, 0, 1], 4)));
        using var call = runner.Rent("model");
        new float[] { 1, 2, 3, 4 }.CopyTo(call.Input<float>("state", [4]));

        for (var i = 0; i < 5; i++)
        {
            call.Run(Token);
            Assert.Equal(i % 2 == 0 ? [3f, 4, 1, 2] : [1f, 2, 3, 4], call.Output<float>("next"));
            call.Carry("next", "state");
        }
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItRuns_StopsAndLeavesTheCallUsable()
    {
        using var runner = TestGraph.Runner(EndlessLoop());
        using var call = runner.Rent("model");
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        call.Input<long>("trips", [])[0] = long.MaxValue;
        call.Input<float>("x", [1])[0] = 0;

        var run = call.RunAsync(source.Token).AsTask();
        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => call.Output<float>("y").Length).Error);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        call.Input<long>("trips", [])[0] = 3;
        await call.RunAsync(Token);
        Assert.Equal([3f], call.Output<float>("y"));
    }

    [Fact]
    public async Task Dispose_WhileItRuns_EndsWithTheRun()
    {
        var graph = new TestGraph();
        var runner = new Coffer.Onnx.OnnxModelRunner([graph.Create("model", EndlessLoop())], new() { WeightLoading = Coffer.Onnx.WeightLoading.Direct });
        var call = runner.Rent("model");
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        call.Input<long>("trips", [])[0] = long.MaxValue;
        call.Input<float>("x", [1])[0] = 0;
        var run = Task.Run(() => call.RunAsync(source.Token).AsTask(), Token);
        while (!IsRunning(call))
        {
            await Task.Yield();
        }

        call.Dispose();
        runner.Dispose();
        Assert.False(graph.IsDisposed);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.True(graph.IsDisposed);
    }

    [Fact]
    public void Run_FailingNode_ThrowsRunFailedWithTheRuntimesWords()
    {
        // Gather with an index that is out of range for the data.
        using var runner = TestGraph.Runner(Create(
            [Node("Gather", "x i", "y")], [Value("x", FloatType, 2), Value("i", Int64Type, 1)], [Value("y", FloatType, 1)]));
        using var call = runner.Rent("model");
        call.Input<float>("x", [2]).Fill(5);
        call.Input<long>("i", [1])[0] = 9;

        var exception = Assert.Throws<InferenceException>(() => call.Run(Token));

        Assert.Equal(InferenceError.RunFailed, exception.Error);
        Assert.Contains("Gather", exception.Message, StringComparison.Ordinal);
        call.Input<long>("i", [1])[0] = 1;
        call.Run(Token);
        Assert.Equal([5f], call.Output<float>("y"));
    }

    [Fact]
    public void Run_OutputThatIsASequence_LeavesTheTensorsReadable()
    {
        using var runner = TestGraph.Runner(Create(
            [Node("SequenceConstruct", "x x", "s"), Node("Neg", "x", "y")],
            [Value("x", FloatType, 1)],
            [SequenceValue("s", FloatType), Value("y", FloatType, 1)]));
        using var call = runner.Rent("model");

        Assert.Equal(ElementType.Unsupported, runner.Describe("model").Outputs[0].ElementType);
        for (var run = 1; run <= 2; run++)
        {
            call.Input<float>("x", [1])[0] = run;
            call.Run(Token);

            Assert.Equal([-(float)run], call.Output<float>("y"));
            Assert.Equal(InferenceError.NotCapable, Assert.Throws<InferenceException>(() => call.Output<float>("s").Length).Error);
            Assert.Equal(InferenceError.NotCapable, Assert.Throws<InferenceException>(() => call.OutputShape("s").Length).Error);
        }
    }

    [Fact]
    public void Rent_StringsOfAnEarlierCall_AreGone()
    {
        using var runner = TestGraph.Runner(Identity(StringType, 1));
        using (var first = runner.Rent("model"))
        {
            first.Input<string>("x", [1])[0] = "private";
            first.Run(Token);
        }

        using var second = runner.Rent("model");
        _ = second.Input<string>("x", [1]);
        second.Run(Token);

        Assert.Equal([""], second.Output<string>("y"));
    }

    /// <summary>A source that two threads look at, a new one for each run.</summary>
    private sealed class Exchanged : IDisposable
    {
        public CancellationTokenSource Current { get; private set; } = new();

        public void Renew()
        {
            Dispose();
            Current = new CancellationTokenSource();
        }

        public void Dispose() => Current.Dispose();
    }

    private static bool IsRunning(IModelCall call)
    {
        try
        {
            _ = call.Input<float>("x", [1]);
            return false;
        }
        catch (InferenceException e) when (e.Error == InferenceError.InvalidCall)
        {
            return true;
        }
    }

    private static void AssertIdentity<T>(int type, T[] values)
    {
        using var runner = TestGraph.Runner(Identity(type, "n"));
        using var call = runner.Rent("model");
        values.CopyTo(call.Input<T>("x", [values.Length]));

        call.Run(Token);

        Assert.Equal(values, call.Output<T>("y").ToArray());
    }

    /// <summary>y = x + 1 + 1 + …, as often as asked.</summary>
    internal static byte[] EndlessLoop() => Create(
        [
            Node("Loop", "trips forever x", "y", Attribute("body", Graph(
                [Node("Identity", "go", "go_on"), Node("Add", "v one", "w")],
                [Value("i", Int64Type), Value("go", BoolType), Value("v", FloatType, 1)],
                [Value("go_on", BoolType), Value("w", FloatType, 1)]))),
        ],
        [Value("trips", Int64Type), Value("x", FloatType, 1)],
        [Value("y", FloatType, 1)],
        Initializer("forever", BoolType, [true]),
        Initializer("one", FloatType, [1f], 1));
}
