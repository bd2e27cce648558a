using System.Runtime.CompilerServices;

namespace Coffer.Inference;

/// <summary>Charges the license for a stream of an endpoint: one input a stream.</summary>
internal sealed class GuardedStreamingPredictor<TInput, TOptions, TResult>(IStreamingPredictor<TInput, TOptions, TResult> remote, PredictorContext context, Uri endpoint)
    : IStreamingPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly ModelSignature _signature = RemoteTask.Signature(endpoint);
    private volatile bool _disposed;

    public async IAsyncEnumerable<TResult> PredictStreamAsync(TInput input, TOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = context.Begin(_signature, 1);
        await foreach (var result in remote.PredictStreamAsync(input, options, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }
    }

    public void Dispose() => _disposed = true;
}
