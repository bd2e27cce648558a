using Coffer.Inference;

namespace Hybrid;

/// <summary>A predictor of this device, whose accelerator can be pulled out.</summary>
internal sealed class Device<TInput, TOptions, TResult>(IPredictor<TInput, TOptions, TResult> inner) : IPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    public bool IsThere { get; set; } = true;

    public Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default) => IsThere
        ? inner.PredictAsync(input, options, cancellationToken)
        : throw new InferenceException(InferenceError.ProviderUnavailable, "The accelerator is gone.");

    public Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default) => IsThere
        ? inner.PredictBatchAsync(inputs, options, cancellationToken)
        : throw new InferenceException(InferenceError.ProviderUnavailable, "The accelerator is gone.");

    public void Dispose() => inner.Dispose();
}
