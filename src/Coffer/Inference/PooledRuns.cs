namespace Coffer.Inference;

/// <summary>How a predictor runs a call when it is on a thread of the pool anyway.</summary>
internal static class PooledRuns
{
    /// <summary>
    /// On this thread where that is the whole work; without holding it where the call waits, for a network or for other calls.
    /// </summary>
    public static ValueTask RunFromPoolAsync(this IModelCall call, RunnerCapabilities capabilities, CancellationToken cancellationToken)
    {
        if (!capabilities.Synchronous || capabilities.Batches)
        {
            return call.RunAsync(cancellationToken);
        }

        call.Run(cancellationToken);
        return ValueTask.CompletedTask;
    }
}
