using System.Collections.Concurrent;
using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Testing;

/// <summary>
/// A predictor without a model: the answer is a delegate. Records every input and can be told to fail. Needs no bundle, no
/// license and no native library. Thread-safe.
/// </summary>
/// <typeparam name="TInput">The input, for example a picture.</typeparam>
/// <typeparam name="TOptions">The options.</typeparam>
/// <typeparam name="TResult">The result, for example a classification.</typeparam>
/// <param name="predict">Gives the answer to an input; its options are null when the caller gave none.</param>
public sealed class FakePredictor<TInput, TOptions, TResult>(Func<TInput, TOptions?, TResult> predict) : IPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly ConcurrentQueue<TInput> _inputs = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private volatile bool _disposed;

    /// <summary>The same answer to every input.</summary>
    /// <param name="result">The answer.</param>
    public FakePredictor(TResult result)
        : this((_, _) => result)
    {
    }

    /// <summary>Where each result says that it was made. Default: in this process.</summary>
    public ExecutionTarget Target { get; init; } = ExecutionTarget.Local;

    /// <summary>What each result says that it ran on. Default <c>Fake</c>.</summary>
    public string ExecutionProvider { get; init; } = "Fake";

    /// <summary>The model's digest in each result. Default: 64 zeros.</summary>
    public string ModelDigest { get; init; } = new('0', 64);

    /// <summary>The duration in each result. Default: zero.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The fallback in each result. Default: none.</summary>
    public Fallback? Fallback { get; init; }

    /// <summary>The inputs so far, oldest first; also those that failed.</summary>
    public IReadOnlyList<TInput> Inputs => [.. _inputs];

    /// <summary>Whether the predictor was disposed.</summary>
    public bool IsDisposed => _disposed;

    /// <summary>Lets a coming prediction fail instead of answering. Several failures come in the order in which they were given.</summary>
    /// <param name="exception">What it throws, for example <c>new InferenceException(InferenceError.OutOfMemory, "…")</c>.</param>
    public void FailNext(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        _failures.Enqueue(exception);
    }

    /// <inheritdoc/>
    public Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<Prediction<TResult>>(cancellationToken);
        }

        _inputs.Enqueue(input);
        return Task.Run(() => _failures.TryDequeue(out var failure) ? throw failure : Predict(input, options), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var results = new List<Prediction<TResult>>(inputs.Count);
        foreach (var input in inputs)
        {
            results.Add(await PredictAsync(input, options, cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => _disposed = true;

    private Prediction<TResult> Predict(TInput input, TOptions? options) => new()
    {
        Value = predict(input, options),
        Target = Target,
        ExecutionProvider = ExecutionProvider,
        ModelDigest = ModelDigest,
        Duration = Duration,
        Fallback = Fallback,
    };
}
