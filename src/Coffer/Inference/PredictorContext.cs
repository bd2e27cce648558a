namespace Coffer.Inference;

/// <summary>
/// What every predictor of one model shares and none may go around: whose model it is, what a call costs, how many run at
/// once, and the clock. Predictors are written against it, so that they need neither a bundle nor a license to be tested.
/// </summary>
internal abstract class PredictorContext : IDisposable
{
    private readonly SemaphoreSlim _slots;

    /// <param name="modelDigest">The digest of the bundle's manifest, lowercase hex.</param>
    /// <param name="maxConcurrency">The most asynchronous calls that run at once, over all predictors of the model.</param>
    /// <param name="fallback">Why the model does not run where it was asked for; null if it does.</param>
    /// <param name="time">Measures durations.</param>
    protected PredictorContext(string modelDigest, int maxConcurrency, Fallback? fallback, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrency, 1);
        ModelDigest = modelDigest;
        Fallback = fallback;
        Time = time;
        _slots = new SemaphoreSlim(maxConcurrency);
    }

    public string ModelDigest { get; }

    public Fallback? Fallback { get; }

    public TimeProvider Time { get; }

    /// <summary>Begins a call of so many inputs: charges for it, before any work. Dispose the scope when the call ends.</summary>
    /// <exception cref="CofferException">The license refuses the call.</exception>
    public PredictionScope Begin(int units)
    {
        var started = Time.GetTimestamp();
        Charge(units);
        return new PredictionScope(this, units, started);
    }

    /// <summary>Waits until one more asynchronous call may run.</summary>
    public async ValueTask<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Slot(_slots);
    }

    public virtual void Dispose() => _slots.Dispose();

    /// <summary>Charges for so many inputs, once, however many graph runs, retries or fallbacks they take.</summary>
    protected abstract void Charge(int units);

    /// <summary>Ends a call of so many inputs, whether it succeeded or not. Nothing is given back.</summary>
    protected internal abstract void Release(int units);

    /// <summary>The right to run one asynchronous call.</summary>
    internal readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
