namespace Coffer.Inference;

/// <summary>Charges the license for a task that an endpoint does as a whole.</summary>
internal sealed class GuardedPredictor<TInput, TOptions, TResult>(IPredictor<TInput, TOptions, TResult> remote, PredictorContext context, Uri endpoint)
    : IPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly ModelSignature _signature = RemoteTask.Signature(endpoint);
    private volatile bool _disposed;

    public async Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = context.Begin(_signature, 1);
        return Marked(await remote.PredictAsync(input, options, cancellationToken).ConfigureAwait(false));
    }

    public async Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        TInput[] kept = [.. inputs];
        if (kept.Length == 0)
        {
            return [];
        }

        using var scope = context.Begin(_signature, kept.Length);
        var predictions = await remote.PredictBatchAsync(kept, options, cancellationToken).ConfigureAwait(false);
        return [.. predictions.Select(Marked)];
    }

    public void Dispose() => _disposed = true;

    private Prediction<TResult> Marked(Prediction<TResult> prediction) =>
        context.Watermark is { } watermark ? prediction with { Watermark = watermark } : prediction;
}
