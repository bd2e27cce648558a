namespace Coffer.Inference;

/// <summary>The streaming twin of <see cref="IPredictor{TInput, TOptions, TResult}"/>: results as they come.</summary>
/// <typeparam name="TInput">For example a prompt, or a stream of audio.</typeparam>
/// <typeparam name="TOptions">An immutable record with documented defaults.</typeparam>
/// <typeparam name="TResult">For example a token.</typeparam>
public interface IStreamingPredictor<in TInput, in TOptions, out TResult> : IDisposable
    where TOptions : class
{
    /// <summary>Predicts, giving each result as soon as it is there.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    IAsyncEnumerable<TResult> PredictStreamAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default);
}
