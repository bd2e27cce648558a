using Coffer.Inference;

namespace Coffer.Extensions;

/// <summary>A predictor that opens its bundle at the first call.</summary>
internal sealed class LazyPredictor<TPredictor, TInput, TOptions, TResult>(DeferredPredictor<TPredictor> deferred) : IPredictor<TInput, TOptions, TResult>
    where TPredictor : class, IPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    public async Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        var predictor = await deferred.GetAsync(cancellationToken).ConfigureAwait(false);
        return await predictor.PredictAsync(input, options, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        var predictor = await deferred.GetAsync(cancellationToken).ConfigureAwait(false);
        return await predictor.PredictBatchAsync(inputs, options, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => deferred.Dispose();
}
