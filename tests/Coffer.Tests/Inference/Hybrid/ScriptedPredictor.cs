using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Tests.Inference;

/// <summary>A predictor whose every call a test decides about. Counts them.</summary>
internal sealed class ScriptedPredictor(ExecutionTarget target, Func<int, CancellationToken, Task<string>> answer)
    : IPredictor<string, object, string>, IStreamingPredictor<string, object, string>
{
    private int _calls;

    public ScriptedPredictor(ExecutionTarget target, string answer)
        : this(target, (_, _) => Task.FromResult(answer))
    {
    }

    public ScriptedPredictor(ExecutionTarget target, Exception failure)
        : this(target, (_, _) => Task.FromException<string>(failure))
    {
    }

    public int Calls => _calls;

    public bool IsDisposed { get; private set; }

    /// <summary>What follows the answer in a stream.</summary>
    public Func<CancellationToken, IAsyncEnumerable<string>>? Rest { get; init; }

    public async Task<Prediction<string>> PredictAsync(string input, object? options = null, CancellationToken cancellationToken = default) => new()
    {
        Value = await answer(Interlocked.Increment(ref _calls), cancellationToken),
        Target = target,
        ExecutionProvider = "Scripted",
        ModelDigest = new string('0', 64),
        Duration = TimeSpan.Zero,
    };

    public async Task<IReadOnlyList<Prediction<string>>> PredictBatchAsync(IReadOnlyList<string> inputs, object? options = null, CancellationToken cancellationToken = default)
    {
        var prediction = await PredictAsync("", options, cancellationToken);
        return [.. inputs.Select(_ => prediction)];
    }

    public async IAsyncEnumerable<string> PredictStreamAsync(
        string input, object? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return await answer(Interlocked.Increment(ref _calls), cancellationToken);
        if (Rest is not null)
        {
            await foreach (var item in Rest(cancellationToken))
            {
                yield return item;
            }
        }
    }

    public void Dispose() => IsDisposed = true;
}
