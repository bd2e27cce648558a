using System.Diagnostics;
using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>
/// What every predictor of a model stands on and none may go around: whose model it is, what a call costs, how many run at
/// once, and the clock. Predictors are written against it, so that they need neither a bundle nor a license to be tested.
/// </summary>
/// <param name="task">What the predictor does, in a license's terms.</param>
/// <param name="modelDigest">The digest of the bundle's manifest, lowercase hex.</param>
/// <param name="slots">As many as asynchronous calls of the model may run at once; shared by its predictors, and the model's.</param>
/// <param name="time">Measures durations.</param>
internal abstract class PredictorContext(string task, string modelDigest, SemaphoreSlim slots, TimeProvider time)
{
    public string Task { get; } = task;

    public string ModelDigest { get; } = modelDigest;

    public TimeProvider Time { get; } = time;

    /// <summary>The bundle's full id; null where there is no bundle.</summary>
    public virtual string? ModelId => null;

    /// <summary>The license's mark for outputs; null for none.</summary>
    public virtual string? Watermark => null;

    /// <summary>Begins a call of so many inputs: charges for it, before any work. Dispose the scope when the call ends.</summary>
    /// <exception cref="CofferException">The license refuses the call.</exception>
    public PredictionScope Begin(ModelSignature signature, int units)
    {
        var started = Time.GetTimestamp();
        var activity = CofferDiagnostics.Source.StartActivity("coffer.predict");
        EntitledCall call;
        try
        {
            call = Charge(signature.Target, units);
        }
        catch (CofferException e)
        {
            CofferDiagnostics.CountRefusal(e);
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name).Dispose();
            throw;
        }

        return new PredictionScope(this, signature, call, units, started, activity);
    }

    /// <summary>Waits until one more asynchronous call may run.</summary>
    public async ValueTask<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Slot(slots);
    }

    /// <summary>Charges for so many inputs, once, however many graph runs, retries or fallbacks they take.</summary>
    /// <returns>The call, which ends with the scope.</returns>
    protected abstract EntitledCall Charge(ExecutionTarget target, int units);

    /// <summary>The right to run one asynchronous call.</summary>
    internal readonly struct Slot(SemaphoreSlim slots) : IDisposable
    {
        public void Dispose() => slots.Release();
    }
}
