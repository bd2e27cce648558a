using System.Diagnostics;
using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>One call that was charged for: makes its prediction, and ends it.</summary>
internal readonly struct PredictionScope(PredictorContext context, ModelSignature signature, EntitledCall call, int units, long started, Activity? activity) : IDisposable
{
    /// <summary>The call's span; null if nobody listens.</summary>
    public Activity? Activity => activity;

    /// <summary>Since the call began.</summary>
    public TimeSpan Elapsed => context.Time.GetElapsedTime(started);

    /// <summary>Says with the result what really produced it, and how long that took so far.</summary>
    public Prediction<T> Predict<T>(T value) => new()
    {
        Value = value,
        Target = signature.Target,
        ExecutionProvider = signature.ExecutionProvider,
        ModelDigest = context.ModelDigest,
        Duration = context.Time.GetElapsedTime(started),
        Fallback = signature.Fallback,
        Watermark = context.Watermark,
    };

    public void Dispose()
    {
        call.Dispose();
        var tags = new TagList
        {
            { "coffer.task", context.Task },
            { "coffer.execution_provider", signature.ExecutionProvider },
        };
        if (call.Units > 0)
        {
            CofferDiagnostics.PredictInputs.Add(call.Units, tags);
        }

        CofferDiagnostics.PredictDuration.Record(context.Time.GetElapsedTime(started).TotalSeconds, tags);
        activity?.SetTag("coffer.task", context.Task)
            .SetTag("coffer.model.digest", context.ModelDigest)
            .SetTag("coffer.execution_provider", signature.ExecutionProvider)
            .SetTag("coffer.inputs", units)
            .SetTag("coffer.watermark", context.Watermark)
            .Dispose();
    }
}
