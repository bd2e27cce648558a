namespace Coffer.Inference;

/// <summary>One call of an application, on its way through the sides.</summary>
/// <param name="Invoke">Makes the call of a predictor.</param>
/// <param name="Flow">What the license counts it in.</param>
/// <param name="Journal">Where it was tried.</param>
/// <param name="Caller">The application's own cancellation.</param>
internal sealed record HybridCall<TPredictor, T>(Func<TPredictor, CancellationToken, Task<T>> Invoke, CallFlow Flow, HybridJournal Journal, CancellationToken Caller)
    where TPredictor : class, IDisposable
{
    private readonly List<object> _tried = [];

    /// <summary>The endpoint that was asked last.</summary>
    public volatile string? LastEndpoint;

    /// <summary>Calls a leg's predictor. One that does not heed its cancellation is left behind.</summary>
    public async Task<T> TryAsync(LegPredictor<TPredictor> leg, CancellationToken cancellationToken)
    {
        Journal.Attempt();
        var attempt = Flow.BeginAttempt();
        var running = CallAsync(leg, cancellationToken);
        try
        {
            return await running.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!running.IsCompleted)
        {
            attempt.Abandon();
            _ = AbandonAsync(running);
            throw;
        }
    }

    /// <summary>Chooses among what this round has not tried yet; among all, once it has tried them.</summary>
    public TEndpoint Choose<TEndpoint>(IReadOnlyList<TEndpoint> endpoints, Func<IReadOnlyList<TEndpoint>, TEndpoint> choose)
        where TEndpoint : class
    {
        lock (_tried)
        {
            List<TEndpoint> left = [.. endpoints.Where(endpoint => !_tried.Contains(endpoint))];
            if (left.Count == 0)
            {
                _tried.Clear();
                left.AddRange(endpoints);
            }

            var chosen = choose(left);
            _tried.Add(chosen);
            return chosen;
        }
    }

    private async Task<T> CallAsync(LegPredictor<TPredictor> leg, CancellationToken cancellationToken)
    {
        var predictor = await leg.GetAsync(cancellationToken).ConfigureAwait(false);
        return await Invoke(predictor, cancellationToken).ConfigureAwait(false);
    }

    private static async Task AbandonAsync(Task<T> running)
    {
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running is { IsCompletedSuccessfully: true, Result: IAsyncDisposable result })
        {
            await result.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            _ = running.Exception;
        }
    }
}
