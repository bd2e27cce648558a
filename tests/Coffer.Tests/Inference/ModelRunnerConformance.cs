using Coffer.Inference;

namespace Coffer.Tests.Inference;

/// <summary>
/// What every <see cref="IModelRunner"/> must do. A runner's tests derive from this and provide a graph <c>affine</c>:
/// <c>x</c> float32 [batch, 2] and <c>offset</c> float32 [2] to <c>y</c> = 2 x + offset, float32 [batch, 2], and
/// <c>count</c> = the shape of <c>x</c>, int64 [2].
/// </summary>
public abstract class ModelRunnerConformance
{
    protected const string Graph = "affine";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The name of a free dimension; protocols exist that don't say it.</summary>
    protected virtual string BatchSymbol => "batch";

    protected abstract IModelRunner CreateRunner();

    [Fact]
    public void Describe_Graph_GivesNamesTypesAndDimensionsInOrder()
    {
        using var runner = CreateRunner();

        var signature = runner.Describe(Graph);

        Assert.Equal(Graph, signature.Graph);
        Assert.Equal([$"x float32 [{BatchSymbol}, 2]", "offset float32 [2]"], signature.Inputs.Select(input => input.ToString()));
        Assert.Equal([$"y float32 [{BatchSymbol}, 2]", "count int64 [2]"], signature.Outputs.Select(output => output.ToString()));
        Assert.NotEmpty(signature.ExecutionProvider);
    }

    [Fact]
    public void Describe_UnknownGraph_ThrowsUnknownGraphAndNamesTheKnownOnes()
    {
        using var runner = CreateRunner();

        var exception = Assert.Throws<InferenceException>(() => runner.Describe("nothing"));

        Assert.Equal(InferenceError.UnknownGraph, exception.Error);
        Assert.Contains($"'{Graph}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rent_UnknownGraph_ThrowsUnknownGraph()
    {
        using var runner = CreateRunner();

        Assert.Equal(InferenceError.UnknownGraph, Assert.Throws<InferenceException>(() => runner.Rent("nothing")).Error);
    }

    [Fact]
    public async Task RunAsync_WrittenInputs_GivesOutputsAndTheirShapes()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        Write(call, [1, 2, 3, 4], [10, 20]);

        await call.RunAsync(Token);

        Assert.Equal([2L, 2], call.OutputShape("y"));
        Assert.Equal([12f, 24, 16, 28], call.Output<float>("y"));
        Assert.Equal([2L, 2], call.Output<long>("count"));
    }

    [Fact]
    public async Task RunAsync_AgainWithAnotherShape_GivesTheNewOutputs()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);

        foreach (var rows in new[] { 1, 3, 3, 2 })
        {
            Write(call, [.. Enumerable.Range(0, rows * 2).Select(i => (float)i)], [0, 0]);
            await call.RunAsync(Token);

            Assert.Equal([rows, 2L], call.OutputShape("y"));
            Assert.Equal(Enumerable.Range(0, rows * 2).Select(i => 2f * i), call.Output<float>("y").ToArray());
        }
    }

    [Fact]
    public async Task RunAsync_NoElements_GivesNoElements()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        Write(call, [], [10, 20]);

        await call.RunAsync(Token);

        Assert.Equal([0L, 2], call.OutputShape("y"));
        Assert.True(call.Output<float>("y").IsEmpty);
    }

    [Fact]
    public async Task RunAsync_MissingInput_ThrowsInvalidCallAndNamesIt()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        call.Input<float>("x", [1, 2]).Fill(1);

        var exception = await Assert.ThrowsAsync<InferenceException>(async () => await call.RunAsync(Token));

        Assert.Equal(InferenceError.InvalidCall, exception.Error);
        Assert.Contains("offset", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rent_AfterACallWasHandedBack_SeesNothingOfIt()
    {
        using var runner = CreateRunner();
        using (var first = runner.Rent(Graph))
        {
            Write(first, [1, 2], [3, 4]);
            await first.RunAsync(Token);
        }

        using var second = runner.Rent(Graph);

        Assert.Equal(InferenceError.InvalidCall, (await Assert.ThrowsAsync<InferenceException>(async () => await second.RunAsync(Token))).Error);
        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => second.Output<float>("y").Length).Error);
    }

    [Fact]
    public void Input_UnknownName_ThrowsUnknownTensorAndNamesTheKnownOnes()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);

        var exception = Assert.Throws<InferenceException>(() => call.Input<float>("z", [1]).Length);

        Assert.Equal(InferenceError.UnknownTensor, exception.Error);
        Assert.Contains("'offset'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_AnotherElementType_ThrowsWrongElementTypeAndSaysBoth()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);

        var exception = Assert.Throws<InferenceException>(() => call.Input<double>("x", [1, 2]).Length);

        Assert.Equal(InferenceError.WrongElementType, exception.Error);
        Assert.Contains("Float32", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Double", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 1, 3 })]
    [InlineData(new long[] { 2 })]
    [InlineData(new long[] { 1, 1, 2 })]
    [InlineData(new long[] { })]
    [InlineData(new long[] { -1, 2 })]
    [InlineData(new long[] { long.MaxValue, 2 })]
    [InlineData(new long[] { int.MaxValue, 2 })]
    public void Input_ShapeThatTheGraphDoesNotTake_ThrowsWrongShapeAndSaysBoth(long[] shape)
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);

        var exception = Assert.Throws<InferenceException>(() => call.Input<float>("x", shape).Length);

        Assert.Equal(InferenceError.WrongShape, exception.Error);
        Assert.Contains($"[{string.Join(", ", shape)}]", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_BeforeAnyRun_ThrowsInvalidCall()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);

        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => call.Output<float>("y").Length).Error);
        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => call.OutputShape("y").Length).Error);
    }

    [Fact]
    public async Task Output_UnknownNameOrAnotherElementType_Throws()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        Write(call, [1, 2], [0, 0]);
        await call.RunAsync(Token);

        Assert.Equal(InferenceError.UnknownTensor, Assert.Throws<InferenceException>(() => call.Output<float>("x").Length).Error);
        Assert.Equal(InferenceError.UnknownTensor, Assert.Throws<InferenceException>(() => call.OutputShape("x").Length).Error);
        Assert.Equal(InferenceError.WrongElementType, Assert.Throws<InferenceException>(() => call.Output<int>("y").Length).Error);
    }

    [Fact]
    public async Task Carry_OutputToInput_FeedsTheNextRun()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        Write(call, [1, 1], [1, 0]);

        if (!runner.Describe(Graph).Capabilities.Carry)
        {
            await call.RunAsync(Token);
            Assert.Equal(InferenceError.NotCapable, Assert.Throws<InferenceException>(() => call.Carry("y", "x")).Error);
            return;
        }

        // x, 2x + o, 2(2x + o) + o, …: 1, 3, 7, 15 and 1, 2, 4, 8.
        for (var i = 0; i < 3; i++)
        {
            await call.RunAsync(Token);
            call.Carry("y", "x");
        }

        Assert.Equal([15f, 8], call.Output<float>("y"));
        await call.RunAsync(Token);
        Assert.Equal([31f, 16], call.Output<float>("y"));

        call.Input<float>("x", [1, 2]).Clear();
        await call.RunAsync(Token);
        Assert.Equal([1f, 0], call.Output<float>("y"));
    }

    [Fact]
    public async Task Carry_WrongTypeOrUnknownName_Throws()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        if (!runner.Describe(Graph).Capabilities.Carry)
        {
            Assert.Equal(InferenceError.NotCapable, Assert.Throws<InferenceException>(() => call.Carry("z", "x")).Error);
            return;
        }

        Assert.Equal(InferenceError.InvalidCall, Assert.Throws<InferenceException>(() => call.Carry("y", "x")).Error);
        Write(call, [1, 1], [0, 0]);
        await call.RunAsync(Token);

        Assert.Equal(InferenceError.WrongElementType, Assert.Throws<InferenceException>(() => call.Carry("count", "x")).Error);
        Assert.Equal(InferenceError.WrongShape, Assert.Throws<InferenceException>(() => call.Carry("y", "offset")).Error);
        Assert.Equal(InferenceError.UnknownTensor, Assert.Throws<InferenceException>(() => call.Carry("z", "x")).Error);
        Assert.Equal(InferenceError.UnknownTensor, Assert.Throws<InferenceException>(() => call.Carry("y", "z")).Error);
    }

    [Fact]
    public void Run_BySignature_RunsOrRefuses()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        Write(call, [1, 2], [0, 0]);

        if (runner.Describe(Graph).Capabilities.Synchronous)
        {
            call.Run(Token);
            Assert.Equal([2f, 4], call.Output<float>("y"));
        }
        else
        {
            Assert.Throws<NotSupportedException>(() => call.Run(Token));
        }
    }

    [Fact]
    public async Task RunAsync_CancelledBefore_ThrowsAndLeavesTheCallUsable()
    {
        using var runner = CreateRunner();
        using var call = runner.Rent(Graph);
        Write(call, [1, 2], [0, 0]);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.RunAsync(new CancellationToken(canceled: true)));
        await call.RunAsync(Token);

        Assert.Equal([2f, 4], call.Output<float>("y"));
    }

    [Fact]
    public async Task Call_AfterDispose_ThrowsObjectDisposedException()
    {
        using var runner = CreateRunner();
        var call = runner.Rent(Graph);
        call.Dispose();
        call.Dispose();

        Assert.Throws<ObjectDisposedException>(() => call.Input<float>("x", [1, 2]).Length);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await call.RunAsync(Token));
    }

    [Fact]
    public void Runner_AfterDispose_RentsNoMore()
    {
        var runner = CreateRunner();
        runner.Dispose();
        runner.Dispose();

        Assert.Throws<ObjectDisposedException>(() => runner.Rent(Graph));
    }

    [Fact]
    public async Task Rent_FromManyTasks_KeepsCallsApart()
    {
        using var runner = CreateRunner();

        await Parallel.ForAsync(0, 64, Token, async (i, cancellationToken) =>
        {
            using var call = runner.Rent(Graph);
            Write(call, [.. Enumerable.Repeat((float)i, 2 * (1 + (i % 3)))], [i, 0]);
            await call.RunAsync(cancellationToken);
            Assert.Equal(3f * i, call.Output<float>("y")[0]);
            Assert.Equal(2f * i, call.Output<float>("y")[1]);
        });
    }

    private static void Write(IModelCall call, float[] x, float[] offset)
    {
        x.CopyTo(call.Input<float>("x", [x.Length / 2, 2]));
        offset.CopyTo(call.Input<float>("offset", [2]));
    }
}
