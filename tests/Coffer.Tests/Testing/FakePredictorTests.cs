using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Testing;

namespace Coffer.Tests.Testing;

public sealed class FakePredictorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_ScriptedFailure_ThrowsOnceAndThenAnswers()
    {
        using var predictor = new FakePredictor<string, string, int>((input, _) => input.Length);
        predictor.FailNext(new InferenceException(InferenceError.OutOfMemory, "the GPU is full"));

        await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync("hello", cancellationToken: Token));
        var prediction = await predictor.PredictAsync("hello", cancellationToken: Token);

        Assert.Equal(5, prediction.Value);
        Assert.Equal(["hello", "hello"], predictor.Inputs);
    }

    [Fact]
    public async Task PredictBatchAsync_Inputs_AnswersInOrderWithTheScriptedOrigin()
    {
        var fallback = new Fallback("CUDA", "no device");
        using var predictor = new FakePredictor<string, string, string>((input, options) => input + options)
        {
            Target = ExecutionTarget.Remote,
            ExecutionProvider = "grpc",
            Fallback = fallback,
            Duration = TimeSpan.FromSeconds(2),
        };

        var predictions = await predictor.PredictBatchAsync(["a", "b"], "!", Token);

        Assert.Equal(["a!", "b!"], predictions.Select(prediction => prediction.Value));
        Assert.All(predictions, prediction =>
        {
            Assert.Equal(ExecutionTarget.Remote, prediction.Target);
            Assert.Equal("grpc", prediction.ExecutionProvider);
            Assert.Equal(fallback, prediction.Fallback);
            Assert.Equal(TimeSpan.FromSeconds(2), prediction.Duration);
        });
    }

    [Fact]
    public async Task PredictAsync_CancelledOrDisposed_Throws()
    {
        var predictor = new FakePredictor<string, string, int>(1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => predictor.PredictAsync("a", null, new CancellationToken(canceled: true)));
        Assert.Empty(predictor.Inputs);
        predictor.Dispose();

        Assert.True(predictor.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => predictor.PredictAsync("a", null, Token));
    }
}
