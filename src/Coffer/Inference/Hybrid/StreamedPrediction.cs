using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>A stream that has its first item, and where it comes from. To be read once, by one reader.</summary>
/// <typeparam name="TResult">An item.</typeparam>
public sealed class StreamedPrediction<TResult> : IAsyncDisposable
{
    private readonly StartedStream<TResult> _stream;
    private readonly CallFlow _flow;
    private int _read;

    internal StreamedPrediction(StartedStream<TResult> stream, CallFlow flow, IReadOnlyList<PredictionLeg> legs)
    {
        _stream = stream;
        _flow = flow;
        Legs = legs;
    }

    /// <summary>Where it was tried, in order, and how long each took to the first item.</summary>
    public IReadOnlyList<PredictionLeg> Legs { get; }

    /// <summary>Where it is made.</summary>
    public ExecutionTarget Target => Legs[^1].Target;

    /// <summary>Why it is not made where it was asked for first; null if it is.</summary>
    public Fallback? Fallback => HybridFallback.Of(Legs, null);

    /// <summary>Its items, as they come.</summary>
    /// <param name="cancellationToken">Stops the stream.</param>
    /// <exception cref="InvalidOperationException">It was read before.</exception>
    public IAsyncEnumerable<TResult> ReadAsync(CancellationToken cancellationToken = default) => Interlocked.Exchange(ref _read, 1) == 0
        ? _stream.ReadAsync(cancellationToken)
        : throw new InvalidOperationException("A stream is read once. Open another.");

    /// <summary>Ends the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _flow.Dispose();
    }
}
