namespace Coffer.Inference;

/// <summary>One run for all members of a batch: their inputs put together, the outputs taken apart.</summary>
internal static class BatchRun
{
    // Twice, because an asynchronous method allocates where it is not optimised.
    public static BatchOutcome Run(IModelRunner runner, string graph, Batch batch)
    {
        try
        {
            batch.Stopped.ThrowIfCancellationRequested();
            using var call = runner.Rent(graph);
            Gather(call, batch);
            call.Run(batch.Stopped);
            return Scatter(call, batch);
        }
        catch (Exception e)
        {
            return OutcomeOf(e, batch);
        }
    }

    public static async Task<BatchOutcome> RunAsync(IModelRunner runner, string graph, Batch batch)
    {
        try
        {
            batch.Stopped.ThrowIfCancellationRequested();
            using var call = runner.Rent(graph);
            Gather(call, batch);
            await call.RunAsync(batch.Stopped).ConfigureAwait(false);
            return Scatter(call, batch);
        }
        catch (Exception e)
        {
            return OutcomeOf(e, batch);
        }
    }

    private static void Gather(IModelCall call, Batch batch)
    {
        var first = batch.Members[0];
        for (var i = 0; i < first.Inputs.Length; i++)
        {
            first.Inputs[i].Gather(call, batch.Members, i, batch.Rows);
        }
    }

    private static BatchOutcome Scatter(IModelCall call, Batch batch)
    {
        var first = batch.Members[0];
        for (var i = 0; i < first.Outputs.Length; i++)
        {
            if (!first.Outputs[i].Scatter(call, batch.Members, i, batch.Rows))
            {
                return new BatchOutcome(BatchEnding.Inseparable, null);
            }
        }

        return new BatchOutcome(BatchEnding.Done, null);
    }

    private static BatchOutcome OutcomeOf(Exception e, Batch batch) =>
        e is OperationCanceledException && batch.Stopped.IsCancellationRequested ? new BatchOutcome(BatchEnding.Stopped, null) : new BatchOutcome(BatchEnding.Failed, e);
}
