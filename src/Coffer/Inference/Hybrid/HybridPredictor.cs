namespace Coffer.Inference;

/// <summary>
/// A predictor on this device and one on an endpoint as one: each call runs where the mode prefers, and moves to the other side only where the
/// device can't run it (not there, out of memory, without the model, too slow) or the way to the endpoint failed. What a license or a
/// signature refuses, a bad input and the caller's cancellation never move a call. A license counts a call once, whatever it takes. Every result says
/// where it was made, why, and how long each side took. Thread-safe.
/// </summary>
/// <typeparam name="TInput">The input.</typeparam>
/// <typeparam name="TOptions">The options.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public sealed class HybridPredictor<TInput, TOptions, TResult> : IPredictor<TInput, TOptions, TResult>
    where TOptions : class
{
    private readonly HybridEngine<IPredictor<TInput, TOptions, TResult>, IReadOnlyList<Prediction<TResult>>> _engine;
    private readonly TimeProvider _clock;

    /// <summary>Two predictors that are there; they stay the caller's to dispose.</summary>
    /// <param name="onDevice">On this device; null for none.</param>
    /// <param name="inCloud">On an endpoint; null for none.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The mode needs a predictor that is not given.</exception>
    public HybridPredictor(IPredictor<TInput, TOptions, TResult>? onDevice, IPredictor<TInput, TOptions, TResult>? inCloud, HybridOptions? options)
        : this(
            onDevice is null ? null : new HybridLeg<IPredictor<TInput, TOptions, TResult>>(onDevice),
            inCloud is null ? [] : [new HybridLeg<IPredictor<TInput, TOptions, TResult>>(inCloud)],
            options)
    {
    }

    /// <summary>Predictors that may have to be made first, and any number of endpoints.</summary>
    /// <param name="onDevice">On this device; null for none.</param>
    /// <param name="inCloud">On endpoints; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The mode needs a predictor that is not given.</exception>
    public HybridPredictor(
        HybridLeg<IPredictor<TInput, TOptions, TResult>>? onDevice, IReadOnlyList<HybridLeg<IPredictor<TInput, TOptions, TResult>>> inCloud, HybridOptions? options)
    {
        ArgumentNullException.ThrowIfNull(inCloud);
        options ??= HybridOptions.Default;
        _engine = new(onDevice, inCloud, options);
        _clock = options.Clock;
    }

    /// <summary>How the endpoints stand.</summary>
    public IReadOnlyList<EndpointState> Endpoints => _engine.Endpoints;

    /// <summary>Predicts for one input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the call, wherever it is.</param>
    /// <exception cref="HybridException">No side answered, and none refused.</exception>
    /// <exception cref="CofferException">As the predictors throw, where that doesn't move the call.</exception>
    public async Task<Prediction<TResult>> PredictAsync(TInput input, TOptions? options = null, CancellationToken cancellationToken = default) => (await RunAsync(
        async (predictor, token) => [await predictor.PredictAsync(input, options, token).ConfigureAwait(false)], 1, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Predicts for many inputs, all on the same side.</summary>
    /// <param name="inputs">The inputs; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops the call, wherever it is.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public async Task<IReadOnlyList<Prediction<TResult>>> PredictBatchAsync(IReadOnlyList<TInput> inputs, TOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        TInput[] kept = [.. inputs];
        return kept.Length == 0
            ? []
            : await RunAsync((predictor, token) => predictor.PredictBatchAsync(kept, options, token), kept.Length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the predictor, and those that its legs made.</summary>
    public void Dispose() => _engine.Dispose();

    private async Task<Prediction<TResult>[]> RunAsync(
        Func<IPredictor<TInput, TOptions, TResult>, CancellationToken, Task<IReadOnlyList<Prediction<TResult>>>> invoke, int units, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        var journal = new HybridJournal(_clock);
        using var flow = new CallFlow(units);
        var predictions = await _engine.RunAsync(new(invoke, flow, journal, cancellationToken)).ConfigureAwait(false);
        var legs = journal.Legs;
        var duration = _clock.GetElapsedTime(started);
        return [.. predictions.Select(prediction => prediction with { Legs = legs, Duration = duration, Fallback = HybridFallback.Of(legs, prediction.Fallback) })];
    }
}
