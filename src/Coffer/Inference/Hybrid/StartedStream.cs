namespace Coffer.Inference;

/// <summary>A predictor's stream with its first item. Its cancellation is its own: the attempt's timeout ends with the first item.</summary>
internal sealed class StartedStream<TResult> : IAsyncDisposable
{
    private readonly IAsyncEnumerator<TResult> _items;
    private readonly CancellationTokenSource _own;
    private readonly bool _hasFirst;
    private int _disposed;

    private StartedStream(IAsyncEnumerator<TResult> items, CancellationTokenSource own, bool hasFirst)
    {
        _items = items;
        _own = own;
        _hasFirst = hasFirst;
    }

    /// <param name="open">Opens the stream with the cancellation that is its own.</param>
    /// <param name="attempt">Ends the wait for the first item.</param>
    /// <param name="caller">Ends the stream at any time.</param>
    public static async Task<StartedStream<TResult>> StartAsync(Func<CancellationToken, IAsyncEnumerable<TResult>> open, CancellationToken attempt, CancellationToken caller)
    {
        var own = CancellationTokenSource.CreateLinkedTokenSource(caller);
        IAsyncEnumerator<TResult>? items = null;
        try
        {
            using var ending = attempt.Register(own.Cancel);
            items = open(own.Token).GetAsyncEnumerator(own.Token);
            return new StartedStream<TResult>(items, own, await items.MoveNextAsync().ConfigureAwait(false));
        }
        catch
        {
            if (items is not null)
            {
                await items.DisposeAsync().ConfigureAwait(false);
            }

            own.Dispose();
            throw;
        }
    }

    public async IAsyncEnumerable<TResult> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = cancellationToken.Register(_own.Cancel);
        for (var more = _hasFirst; more; more = await _items.MoveNextAsync().ConfigureAwait(false))
        {
            yield return _items.Current;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _items.DisposeAsync().ConfigureAwait(false);
            _own.Dispose();
        }
    }
}
