namespace Coffer.Inference;

/// <summary>
/// What an application holds: a typed input in, a typed result out, wherever it runs. Local predictors, predictors over
/// remote tensor runners and whole remote tasks implement it. Thread-safe. Whoever created it disposes it.
/// </summary>
/// <typeparam name="TInput">For example a picture.</typeparam>
/// <typeparam name="TOptions">An immutable record with documented defaults.</typeparam>
/// <typeparam name="TResult">For example a classification.</typeparam>
public interface IPredictor<in TInput, in TOptions, TResult> : IDisposable
    where TOptions : class
{
    /// <summary>Predicts for one input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Predicts for many inputs; results are in the order of the inputs and equal to those of single calls.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default);
}
