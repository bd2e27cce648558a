using System.Runtime.CompilerServices;

namespace Coffer.Inference;

/// <summary>
/// The streaming twin of <see cref="HybridPredictor{TInput, TOptions, TResult}"/>. A stream may change sides only before its first item: what fails
/// later is thrown to the reader. A license counts a stream once. Thread-safe.
/// </summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TOptions">The options.</typeparam>
/// <typeparam name="TResult">An item of the stream.</typeparam>
public sealed class HybridStreamingPredictor<TInput, TOptions, TResult> : IStreamingPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly HybridEngine<IStreamingPredictor<TInput, TOptions, TResult>, StartedStream<TResult>> _engine;
    private readonly TimeProvider _clock;

    /// <summary>Two predictors that are there; they stay the caller's to dispose.</summary>
    /// <param name="onDevice">On this device; null for none.</param>
    /// <param name="inCloud">On an endpoint; null for none.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The mode needs a predictor that is not given.</exception>
    public HybridStreamingPredictor(
        IStreamingPredictor<TInput, TOptions, TResult>? onDevice, IStreamingPredictor<TInput, TOptions, TResult>? inCloud, HybridOptions? options)
        : this(
            onDevice is null ? null : new HybridLeg<IStreamingPredictor<TInput, TOptions, TResult>>(onDevice),
            inCloud is null ? [] : [new HybridLeg<IStreamingPredictor<TInput, TOptions, TResult>>(inCloud)],
            options)
    {
    }

    /// <summary>Predictors that may have to be made first, and any number of endpoints.</summary>
    /// <param name="onDevice">On this device; null for none.</param>
    /// <param name="inCloud">On endpoints; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The mode needs a predictor that is not given.</exception>
    public HybridStreamingPredictor(
        HybridLeg<IStreamingPredictor<TInput, TOptions, TResult>>? onDevice,
        IReadOnlyList<HybridLeg<IStreamingPredictor<TInput, TOptions, TResult>>> inCloud,
        HybridOptions? options)
    {
        ArgumentNullException.ThrowIfNull(inCloud);
        options ??= HybridOptions.Default;
        _engine = new(onDevice, inCloud, options);
        _clock = options.Clock;
    }

    /// <summary>How the endpoints stand.</summary>
    public IReadOnlyList<EndpointState> Endpoints => _engine.Endpoints;

    /// <summary>Starts a stream: waits for its first item, and says where it comes from.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the stream, at any time.</param>
    /// <returns>The stream, to be read once. Dispose it, read or not.</returns>
    /// <exception cref="HybridException">No side answered, and none refused.</exception>
    /// <exception cref="CofferException">As the predictors throw, where that doesn't move the call.</exception>
    public async Task<StreamedPrediction<TResult>> OpenStreamAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        var journal = new HybridJournal(_clock);
        var flow = new CallFlow(1);
        try
        {
            var started = await _engine.RunAsync(new(
                (predictor, token) => StartedStream<TResult>.StartAsync(own => predictor.PredictStreamAsync(input, options, own), token, cancellationToken),
                flow, journal, cancellationToken)).ConfigureAwait(false);
            return new StreamedPrediction<TResult>(started, flow, journal.Legs);
        }
        catch
        {
            flow.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TResult> PredictStreamAsync(TInput input, TOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stream = await OpenStreamAsync(input, options, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var item in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return item;
            }
        }
    }

    /// <summary>Ends the predictor, and those that its legs made.</summary>
    public void Dispose() => _engine.Dispose();
}
