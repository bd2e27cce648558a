using System.Collections.Concurrent;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Inference;

public sealed class BatchingRunnerTests : IDisposable
{
    private const string Graph = "double";

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _entered = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private bool _holds;
    private Task _held = Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _arrived.Dispose();

    [Fact]
    public async Task RunAsync_CallsThatComeDuringARun_ShareTheNextOne()
    {
        var fake = Fake();
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 2, 1]);

        release.SetResult();
        await calls.WaitAsync();

        calls.AssertDoubled();
        Assert.Equal([1, 4], RowsOf(fake));
    }

    [Fact]
    public async Task Run_ThreadsThatComeDuringARun_ShareTheNextOneOnOneOfThem()
    {
        var fake = Fake();
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: []);
        var threads = new[] { 1, 2, 3 }.Select(rows => calls.StartThread(rows)).ToList();
        foreach (var thread in threads)
        {
            while (!thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                await Task.Yield();
            }
        }

        release.SetResult();
        threads.ForEach(thread => thread.Join());

        calls.AssertDoubled();
        Assert.Equal([1, 6], RowsOf(fake));
    }

    [Fact]
    public void Run_NothingElseUnderWay_RunsAtOnce()
    {
        var fake = Fake();
        using var runner = Batching(fake);

        // The clock stands still: any wait would be for ever.
        for (var i = 1; i <= 3; i++)
        {
            using var call = runner.Rent(Graph);
            call.Input<float>("x", [1, 2]).Fill(i);
            call.Run(Token);
            Assert.Equal([2f * i, 2f * i], call.Output<float>("y"));
            Assert.Equal([1L, 2], call.OutputShape("y"));
        }

        Assert.Equal([1, 1, 1], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_WaitedForMaxDelay_RunsBesideTheRunUnderWay()
    {
        var fake = Fake();
        using var runner = Batching(fake, new() { MaxDelay = TimeSpan.FromMilliseconds(5) });
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1]);
        _time.Advance(TimeSpan.FromMilliseconds(4));
        Assert.All(calls.Runs, run => Assert.False(run.IsCompleted));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await calls.WaitAsync();
        release.SetResult();

        calls.AssertDoubled();
        Assert.Equal([1, 2], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_SecondBatchOfAnotherShape_HasADelayOfItsOwn()
    {
        var fake = Fake();
        using var runner = Batching(fake, new() { MaxDelay = TimeSpan.FromMilliseconds(5) });
        var release = await HoldAsync(runner);
        using var early = new Calls(runner, rows: [1, 1]);
        _time.Advance(TimeSpan.FromMilliseconds(3));
        using var late = new Calls(runner, rows: [1, 1, 1], columns: 3);

        _time.Advance(TimeSpan.FromMilliseconds(2));
        await early.WaitAsync();
        Assert.All(late.Runs, run => Assert.False(run.IsCompleted));
        _time.Advance(TimeSpan.FromMilliseconds(3));
        await late.WaitAsync();
        release.SetResult();

        late.AssertDoubled();
        Assert.Equal([1, 2, 3], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_FullBatch_RunsBesideTheRunUnderWay()
    {
        var fake = Fake();
        using var runner = Batching(fake, new() { MaxBatch = 4, MaxDelay = Timeout.InfiniteTimeSpan });
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 2, 1]);

        await calls.WaitAsync();
        release.SetResult();

        calls.AssertDoubled();
        Assert.Equal([1, 4], RowsOf(fake));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task RunAsync_AsManyRowsAsABatchOrMore_RunsAlone(int rows)
    {
        var fake = Fake();
        using var runner = Batching(fake, new() { MaxBatch = 4, MaxDelay = Timeout.InfiniteTimeSpan });
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [rows]);

        await calls.WaitAsync();
        release.SetResult();

        calls.AssertDoubled();
        Assert.Equal([1, rows], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_NoRows_RunsAloneAndGivesNone()
    {
        using var runner = Batching(Fake());
        using var calls = new Calls(runner, rows: [0]);

        await calls.WaitAsync();

        calls.AssertDoubled();
    }

    [Fact]
    public async Task RunAsync_ZeroDelay_NeverWaits()
    {
        var fake = Fake();
        using var runner = Batching(fake, new() { MaxDelay = TimeSpan.Zero });
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1]);

        await calls.WaitAsync();
        release.SetResult();

        Assert.Equal([1, 1, 1], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_PayloadLimit_IsKeptByTheBatch()
    {
        // Two floats a row.
        var fake = Fake(new RunnerCapabilities(Synchronous: true, Carry: false, MaxPayload: 3 * 8));
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1, 1, 1, 1]);

        release.SetResult();
        await calls.WaitAsync();

        calls.AssertDoubled();
        Assert.Equal([1, 2, 3], RowsOf(fake).Order());
    }

    [Fact]
    public async Task RunAsync_OtherInputsThatDiffer_DoNotShareARun()
    {
        var fake = new FakeModelRunner(new FakeGraph(
            Graph,
            [Floats("x", new Dimension(null, "batch")), Floats("factor")],
            [Floats("y", new Dimension(null, "batch"))],
            inputs => Enter(() => Output("y", [.. inputs["x"].AsSpan<float>().ToArray().Select(x => x * inputs["factor"].AsSpan<float>()[0])], inputs["x"].Shape))));
        using var runner = Batching(fake);
        _holds = true;
        using var first = Write(1, 1);
        var running = first.RunAsync(Token).AsTask();
        var release = await EnteredAsync();

        // Minus zero equals zero as a number, but not as an input.
        float[] factors = [2, 3, 2, 0, -0f];
        var calls = Array.ConvertAll(factors, factor => Write(10, factor));
        var runs = Array.ConvertAll(calls, call => call.RunAsync(Token).AsTask());
        release.SetResult();
        await Task.WhenAll([running, .. runs]);

        Assert.Equal(factors.Select(factor => 10 * factor), calls.Select(call => call.Output<float>("y")[0]));
        Assert.Equal([1, 1, 1, 1, 2], RowsOf(fake).Order());
        Array.ForEach(calls, call => call.Dispose());

        IModelCall Write(float x, float factor)
        {
            var call = runner.Rent(Graph);
            call.Input<float>("x", [1])[0] = x;
            call.Input<float>("factor", [])[0] = factor;
            return call;
        }
    }

    [Fact]
    public async Task RunAsync_InputsOfDifferentRows_RunAlone()
    {
        // One row beside many: the graph broadcasts it.
        var batch = new Dimension(null, "batch");
        var fake = new FakeModelRunner(new FakeGraph(
            Graph,
            [Floats("x", batch), Floats("mask", batch)],
            [Floats("y", batch)],
            inputs => Enter(() => Output("y", [.. inputs["x"].AsSpan<float>().ToArray().Select(x => x * inputs["mask"].AsSpan<float>()[0])], inputs["x"].Shape))));
        using var runner = Batching(fake);
        using var call = runner.Rent(Graph);
        new float[] { 1, 2, 3 }.CopyTo(call.Input<float>("x", [3]));
        call.Input<float>("mask", [1])[0] = 2;

        await call.RunAsync(Token);

        Assert.Equal([2f, 4, 6], call.Output<float>("y"));
    }

    [Fact]
    public async Task RunAsync_OneBadCall_FailsAloneAndTheOthersSucceed()
    {
        var fake = Fake();
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1, 1]);
        using var bad = runner.Rent(Graph);
        bad.Input<float>("x", [1, 2]).Fill(-1);
        var failing = bad.RunAsync(Token).AsTask();

        release.SetResult();
        await calls.WaitAsync();
        var exception = await Assert.ThrowsAsync<InferenceException>(() => failing);

        Assert.Equal("negative", exception.Message);
        calls.AssertDoubled();
        Assert.Equal([1, 1, 1, 1, 1, 4], RowsOf(fake).Order());
        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => bad.Output<float>("y").Length).Error);
        bad.Input<float>("x", [1, 2]).Fill(1);
        await bad.RunAsync(Token);
        Assert.Equal([2f, 2], bad.Output<float>("y"));
    }

    [Fact]
    public async Task Run_OneBadThread_FailsAloneAndTheOthersSucceed()
    {
        using var runner = Batching(Fake());
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: []);
        Exception? failure = null;
        List<Thread> threads = [calls.StartThread(1), calls.StartThread(1), Calls.Start(() => failure = Record.Exception(() =>
        {
            using var bad = runner.Rent(Graph);
            bad.Input<float>("x", [1, 2]).Fill(-1);
            bad.Run(Token);
        }))];
        foreach (var thread in threads)
        {
            while (!thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                await Task.Yield();
            }
        }

        release.SetResult();
        threads.ForEach(thread => thread.Join());

        calls.AssertDoubled();
        Assert.Equal("negative", Assert.IsType<InferenceException>(failure).Message);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItWaits_LeavesTheOthersAndStaysUsable()
    {
        var fake = Fake();
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1]);
        using var source = new CancellationTokenSource();
        using var leaving = runner.Rent(Graph);
        leaving.Input<float>("x", [3, 2]).Fill(5);
        var cancelled = leaving.RunAsync(source.Token).AsTask();

        await source.CancelAsync();
        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled)).CancellationToken);
        release.SetResult();
        await calls.WaitAsync();
        await leaving.RunAsync(Token);

        calls.AssertDoubled();
        Assert.Equal(Enumerable.Repeat(10f, 6), leaving.Output<float>("y").ToArray());
        Assert.Equal([1, 2, 3], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItsBatchRuns_LeavesAtOnceAndItsBuffersAreItsOwn()
    {
        var fake = Fake();
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1]);
        using var source = new CancellationTokenSource();
        using var leaving = runner.Rent(Graph);
        leaving.Input<float>("x", [1, 2]).Fill(5);
        var cancelled = leaving.RunAsync(source.Token).AsTask();
        _holds = true;
        release.SetResult();
        var second = await EnteredAsync();

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.All(calls.Runs, run => Assert.False(run.IsCompleted));
        leaving.Input<float>("x", [1, 2])[0] = 7;
        second.SetResult();
        await calls.WaitAsync();

        calls.AssertDoubled();
        await leaving.RunAsync(Token);
        // What was written before the cancelled run is still there.
        Assert.Equal([14f, 10], leaving.Output<float>("y"));
        Assert.Equal([1, 3, 1], RowsOf(fake));
    }

    [Fact]
    public async Task RunAsync_CancelledAfterItsEnd_IsDone()
    {
        using var runner = Batching(Fake());
        using var source = new CancellationTokenSource();
        using var call = runner.Rent(Graph);
        for (var i = 0; i < 3; i++)
        {
            call.Input<float>("x", [1, 2]).Fill(i);
            await call.RunAsync(source.Token);
        }

        await source.CancelAsync();

        Assert.Equal([4f, 4], call.Output<float>("y"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.RunAsync(source.Token));
        await call.RunAsync(Token);
        Assert.Equal([4f, 4], call.Output<float>("y"));
    }

    [Fact]
    public async Task RunAsync_OutputWithoutTheRowsThatItPromises_IsFoundOutAndNotBatchedAgain()
    {
        // Says [batch], gives one sum.
        var batch = new Dimension(null, "batch");
        var fake = new FakeModelRunner(new FakeGraph(
            Graph, [Floats("x", batch)], [Floats("y", batch)], inputs => Enter(() => Output("y", [inputs["x"].AsSpan<float>().ToArray().Sum()], [1]))));
        using var runner = Batching(fake);
        for (var round = 0; round < 2; round++)
        {
            _holds = true;
            using var first = Write(1);
            var running = first.RunAsync(Token).AsTask();
            var release = await EnteredAsync();
            using var second = Write(2);
            using var third = Write(3);
            var runs = new[] { second.RunAsync(Token).AsTask(), third.RunAsync(Token).AsTask() };
            release.SetResult();
            await Task.WhenAll([running, .. runs]);

            Assert.Equal([1f, 2, 3], new[] { first, second, third }.Select(call => call.Output<float>("y")[0]));
        }

        Assert.Equal([1, 2, 1, 1, 1, 1, 1], RowsOf(fake));

        IModelCall Write(float x)
        {
            var call = runner.Rent(Graph);
            call.Input<float>("x", [1])[0] = x;
            return call;
        }
    }

    [Fact]
    public async Task RunAsync_RunnerWithoutSynchronousCalls_SharesRunsAndRefusesRun()
    {
        var fake = Fake(new RunnerCapabilities(Synchronous: false, Carry: false));
        using var runner = Batching(fake);
        var release = await HoldAsync(runner);
        using var calls = new Calls(runner, rows: [1, 1, 2]);
        release.SetResult();
        await calls.WaitAsync();

        calls.AssertDoubled();
        Assert.Equal([1, 4], RowsOf(fake));
        using var call = runner.Rent(Graph);
        call.Input<float>("x", [1, 2]).Fill(1);
        Assert.Throws<NotSupportedException>(() => call.Run(Token));
        await call.RunAsync(Token);
    }

    [Fact]
    public void Describe_GraphWithABatch_BatchesAndCarriesNothing()
    {
        using var runner = Batching(Fake());
        using var call = runner.Rent(Graph);

        Assert.Equal(new RunnerCapabilities(Synchronous: true, Carry: false) { Batches = true }, runner.Describe(Graph).Capabilities);
        var exception = Assert.Throws<InferenceException>(() => call.Carry("y", "x"));
        Assert.Equal(InferenceError.NotCapable, exception.Error);
        Assert.Contains("batch", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, TensorDescription[], TensorDescription[]> OtherGraphs
    {
        get
        {
            Dimension batch = new(null, "batch"), two = new(2), unnamed = new(null);
            return new()
            {
                { "fixed", [Floats("x", two)], [Floats("y", two)] },
                { "no name", [Floats("x", unnamed, two)], [Floats("y", unnamed, two)] },
                { "other output", [Floats("x", batch, two)], [Floats("y", batch, two), Floats("z", two)] },
                { "other axis", [Floats("x", two, batch)], [Floats("y", two, batch)] },
                { "twice", [Floats("x", batch, two)], [Floats("y", batch, batch)] },
                { "twice in input", [Floats("x", batch, batch)], [Floats("y", batch, two)] },
                { "state beside", [Floats("x", batch, two), Floats("state", two, batch)], [Floats("y", batch, two)] },
                { "other symbol", [Floats("x", batch, two)], [Floats("y", new Dimension(null, "n"), two)] },
                { "any rank", [Floats("x", batch, two), new("z", ElementType.Float32, [], AnyRank: true)], [Floats("y", batch, two)] },
                { "scalar output", [Floats("x", batch, two)], [Floats("y")] },
                { "no tensor", [Floats("x", batch, two)], [new("y", ElementType.Unsupported, [batch])] },
            };
        }
    }

    [Theory]
    [MemberData(nameof(OtherGraphs))]
    public void Describe_GraphWithoutABatch_PassesThrough(string name, TensorDescription[] inputs, TensorDescription[] outputs)
    {
        using var runner = Batching(new FakeModelRunner(new FakeGraph(name, inputs, outputs, _ => throw new NotSupportedException())));

        Assert.Equal(new RunnerCapabilities(Synchronous: true, Carry: true), runner.Describe(name).Capabilities);
    }

    [Fact]
    public void Describe_GraphThatIsNotNamed_PassesThrough()
    {
        using var runner = Batching(Fake(), new() { Graphs = ["encoder"] });

        Assert.False(runner.Describe(Graph).Capabilities.Batches);
    }

    [Fact]
    public void Call_UsedWrongly_SaysWhatAnyOtherSays()
    {
        using var runner = Batching(Fake());
        var call = runner.Rent(Graph);

        AssertError(InferenceError.UnknownTensor, "'x'", () => call.Input<float>("z", [1, 2]));
        AssertError(InferenceError.UnknownTensor, "'y'", () => _ = call.Output<float>("x"));
        AssertError(InferenceError.WrongElementType, "Float32", () => call.Input<double>("x", [1, 2]));
        AssertError(InferenceError.WrongShape, "[1, 2, 1]", () => call.Input<float>("x", [1, 2, 1]));
        AssertError(InferenceError.InvalidCall, "'x", () => call.Run(Token));
        AssertError(InferenceError.InvalidCall, "'y'", () => _ = call.Output<float>("y"));
        AssertError(InferenceError.InvalidCall, "'y'", () => _ = call.OutputShape("y"));
        Assert.Equal(InferenceError.UnknownGraph, Assert.Throws<InferenceException>(() => runner.Rent("nothing")).Error);
        call.Input<float>("x", [1, 2]).Fill(1);
        call.Run(Token);
        AssertError(InferenceError.WrongElementType, "Float32", () => _ = call.Output<long>("y"));
        call.Dispose();
        call.Dispose();
        Assert.Throws<ObjectDisposedException>(() => call.Input<float>("x", [1, 2]).Length);

        using var next = runner.Rent(Graph);
        AssertError(InferenceError.InvalidCall, "'x", () => next.Run(Token));
        AssertError(InferenceError.InvalidCall, "'y'", () => _ = next.Output<float>("y"));

        static void AssertError(InferenceError error, string named, Action use)
        {
            var exception = Assert.Throws<InferenceException>(use);
            Assert.Equal(error, exception.Error);
            Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Input_WhileItRuns_ThrowsInvalidCall()
    {
        using var runner = Batching(Fake());
        _holds = true;
        using var call = runner.Rent(Graph);
        call.Input<float>("x", [1, 2]).Fill(1);
        var run = call.RunAsync(Token).AsTask();
        var release = await EnteredAsync();

        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => call.Input<float>("x", [1, 2]).Length).Error);
        Assert.Equal(InferenceError.InvalidCall, (await Assert.ThrowsAsync<InferenceException>(async () => await call.RunAsync(Token))).Error);
        release.SetResult();
        await run;
    }

    [Fact]
    public async Task Dispose_WithCallsInFlight_LetsThemFinishAndThenDisposesTheRunner()
    {
        var fake = Fake();
        var runner = Batching(fake);
        var release = await HoldAsync(runner);
        var calls = new Calls(runner, rows: [1, 1]);
        var rented = runner.Rent(Graph);
        rented.Input<float>("x", [1, 2]).Fill(1);

        runner.Dispose();
        runner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => runner.Rent(Graph));
        release.SetResult();
        await calls.WaitAsync();
        await rented.RunAsync(Token);

        calls.AssertDoubled();
        Assert.Equal([2f, 2], rented.Output<float>("y"));
        calls.Dispose();
        fake.Rent(Graph).Dispose();
        rented.Dispose();
        await _held;
        Assert.Throws<ObjectDisposedException>(() => fake.Rent(Graph));
    }

    [Fact]
    public async Task Dispose_CallThatRuns_EndsWithTheRunAndItsResultCanStillBeAwaited()
    {
        var fake = Fake();
        var runner = Batching(fake);
        var release = await HoldAsync(runner);
        var calls = new Calls(runner, rows: [1, 1]);
        calls.Dispose();
        runner.Dispose();

        release.SetResult();
        await calls.WaitAsync();

        Assert.Equal([1, 2], RowsOf(fake));
        await _held;
        Assert.Throws<ObjectDisposedException>(() => fake.Rent(Graph));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_ManyThreadsThatFailAndCancel_EachGetsItsOwn(bool synchronous)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"Seed {seed}");
        var fake = Fake(new RunnerCapabilities(synchronous, Carry: false));
        var runner = new BatchingRunner(fake, new() { MaxBatch = 8, MaxDelay = TimeSpan.FromMilliseconds(1) });
        var outcomes = new ConcurrentDictionary<string, int>();
        var workers = Enumerable.Range(0, 24).Select(worker => new Thread(() => Work(new Random(seed + worker), worker))).ToList();

        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        runner.Dispose();

        Assert.True(outcomes.GetValueOrDefault("wrong") == 0, $"Seed {seed}: {string.Join(", ", outcomes)}");
        Assert.True(outcomes["right"] > 0 && outcomes["failed"] > 0 && outcomes["cancelled"] > 0, $"Seed {seed}: {string.Join(", ", outcomes)}");
        Assert.True(fake.Runs.Count < 24 * 200, "Nothing was batched.");
        // Every call was handed back, also those that left a run.
        Assert.Throws<ObjectDisposedException>(() => fake.Rent(Graph));

        void Work(Random random, int worker)
        {
            IModelCall? call = null;
            for (var i = 0; i < 200; i++)
            {
                call ??= runner.Rent(Graph);
                var isBad = random.Next(20) == 0;
                var rows = random.Next(1, 4);
                var value = isBad ? -1 : (worker * 1000) + i;
                call.Input<float>("x", [rows, 2]).Fill(value);
                using var source = new CancellationTokenSource();
                var cancel = random.Next(4) == 0 ? Task.Run(source.Cancel, CancellationToken.None) : Task.CompletedTask;
                try
                {
                    if (synchronous && random.Next(2) == 0)
                    {
                        call.Run(source.Token);
                    }
                    else
                    {
                        call.RunAsync(source.Token).AsTask().GetAwaiter().GetResult();
                    }

                    var isRight = !isBad && call.OutputShape("y").SequenceEqual([rows, 2L]) && !call.Output<float>("y").ContainsAnyExcept(2f * value);
                    Count(isRight ? "right" : "wrong");
                }
                catch (InferenceException e)
                {
                    Count(isBad && e.Message == "negative" ? "failed" : "wrong");
                }
                catch (OperationCanceledException)
                {
                    Count("cancelled");
                }

                cancel.GetAwaiter().GetResult();
                if (random.Next(3) == 0)
                {
                    call.Dispose();
                    call = null;
                }
            }

            call?.Dispose();
        }

        void Count(string outcome) => outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, -1)]
    public void Constructor_OptionsThatMeanNothing_ThrowsArgumentOutOfRange(int maxBatch, int delay) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchingRunner(Fake(), new() { MaxBatch = maxBatch, MaxDelay = TimeSpan.FromSeconds(delay) }));

    /// <summary>y = 2 x, [batch, columns]; a negative number fails.</summary>
    private FakeModelRunner Fake(RunnerCapabilities? capabilities = null)
    {
        Dimension batch = new(null, "batch"), columns = new(null, "columns");
        return new FakeModelRunner(new FakeGraph(Graph, [Floats("x", batch, columns)], [Floats("y", batch, columns)], inputs => Enter(() =>
        {
            var x = inputs["x"];
            return x.AsSpan<float>().ContainsAnyInRange(float.MinValue, -0.5f)
                ? throw new InferenceException(InferenceError.RunFailed, "negative")
                : Output("y", [.. x.AsSpan<float>().ToArray().Select(value => 2 * value)], x.Shape);
        })))
        {
            Capabilities = capabilities ?? new(Synchronous: true, Carry: true),
        };
    }

    private BatchingRunner Batching(IModelRunner runner, BatchingOptions? options = null) => new(runner, (options ?? new()) with { Clock = _time });

    /// <summary>Starts a run that does not end before it is released.</summary>
    private async Task<TaskCompletionSource> HoldAsync(BatchingRunner runner)
    {
        _holds = true;
        var call = runner.Rent(Graph);
        call.Input<float>("x", [1, 2]).Fill(1);
        var run = call.RunAsync(Token).AsTask();
        _held = run.ContinueWith(_ => call.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await EnteredAsync();
    }

    private async Task<TaskCompletionSource> EnteredAsync()
    {
        await _arrived.WaitAsync(Token);
        Assert.True(_entered.TryDequeue(out var release));
        return release;
    }

    private IReadOnlyDictionary<string, Tensor> Enter(Func<IReadOnlyDictionary<string, Tensor>> run)
    {
        if (Interlocked.Exchange(ref _holds, false))
        {
            var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _entered.Enqueue(release);
            _arrived.Release();
            release.Task.Wait(Token);
        }

        return run();
    }

    private static Dictionary<string, Tensor> Output(string name, float[] values, ReadOnlySpan<long> shape) => new() { [name] = Tensor.Create(values, shape) };

    private static TensorDescription Floats(string name, params Dimension[] dimensions) => new(name, ElementType.Float32, dimensions);

    private static IEnumerable<int> RowsOf(FakeModelRunner fake) => fake.Runs.Select(run => (int)run.Inputs["x"].Shape[0]);

    /// <summary>Calls with numbers of their own, that run at once.</summary>
    private sealed class Calls : IDisposable
    {
        private readonly BatchingRunner _runner;
        private readonly List<(IModelCall Call, float Value, int Rows, int Columns)> _calls = [];

        public Calls(BatchingRunner runner, int[] rows, int columns = 2)
        {
            _runner = runner;
            foreach (var count in rows)
            {
                Runs.Add(Add(count, columns).RunAsync(Token).AsTask());
            }
        }

        public List<Task> Runs { get; } = [];

        public static Thread Start(Action work)
        {
            var thread = new Thread(() => work());
            thread.Start();
            return thread;
        }

        public Thread StartThread(int rows)
        {
            var call = Add(rows, 2);
            return Start(() => call.Run(Token));
        }

        public Task WaitAsync() => Task.WhenAll(Runs).WaitAsync(Token);

        public void AssertDoubled() => Assert.All(_calls, call =>
        {
            Assert.Equal([call.Rows, call.Columns], call.Call.OutputShape("y").ToArray().Select(size => (int)size));
            Assert.Equal(Enumerable.Repeat(2 * call.Value, call.Rows * call.Columns), call.Call.Output<float>("y").ToArray());
        });

        public void Dispose() => _calls.ForEach(call => call.Call.Dispose());

        private IModelCall Add(int rows, int columns)
        {
            var call = _runner.Rent(Graph);
            var value = 10f + _calls.Count;
            call.Input<float>("x", [rows, columns]).Fill(value);
            _calls.Add((call, value, rows, columns));
            return call;
        }
    }
}
