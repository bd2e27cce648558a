namespace Coffer.Inference;

/// <summary>One call that was charged for: makes its prediction, and ends it.</summary>
internal readonly struct PredictionScope(PredictorContext context, int units, long started) : IDisposable
{
    /// <summary>Says with the result what really produced it, and how long that took so far.</summary>
    public Prediction<T> Predict<T>(T value, ModelSignature signature) => new()
    {
        Value = value,
        Target = signature.Target,
        ExecutionProvider = signature.ExecutionProvider,
        ModelDigest = context.ModelDigest,
        Duration = context.Time.GetElapsedTime(started),
        Fallback = context.Fallback ?? signature.Fallback,
    };

    public void Dispose() => context.Release(units);
}
