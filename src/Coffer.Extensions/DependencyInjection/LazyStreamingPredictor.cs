using System.Runtime.CompilerServices;
using Coffer.Inference;

namespace Coffer.Extensions;

/// <summary>The streaming twin of <see cref="LazyPredictor{TPredictor, TInput, TOptions, TResult}"/>.</summary>
internal sealed class LazyStreamingPredictor<TPredictor, TInput, TOptions, TResult>(DeferredPredictor<TPredictor> deferred) : IStreamingPredictor<TInput, TOptions, TResult>
    where TPredictor : class, IStreamingPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    public async IAsyncEnumerable<TResult> PredictStreamAsync(TInput input, TOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var predictor = await deferred.GetAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var item in predictor.PredictStreamAsync(input, options, cancellationToken).ConfigureAwait(false))
        {
            yield return item;
        }
    }

    public void Dispose() => deferred.Dispose();
}
