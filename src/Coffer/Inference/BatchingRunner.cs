namespace Coffer.Inference;

/// <summary>
/// Collects concurrent calls of a graph into one run of another runner: more throughput where a run of many rows costs little more
/// than a run of one, as with large weights, and for an idle runner no delay (<see cref="BatchingOptions.MaxDelay"/>). Its calls are
/// used as any others, by as many threads as like.
/// </summary>
/// <remarks>
/// <para>
/// A graph qualifies when the first dimension of every output, and of at least one input, is free under the same symbol, and that
/// symbol stands nowhere else. Calls share a run when their shapes agree but for that dimension and their other inputs are equal.
/// Any other graph passes through: its calls are the runner's own. Rows must not influence each other, which no signature says:
/// a graph that normalises over its batch, or quantises activations by the range of a whole tensor, gives other numbers in company. And a
/// matrix product of another size may round differently in the last digits.
/// </para>
/// <para>
/// A qualifying graph has no <see cref="RunnerCapabilities.Carry"/>. When a shared run fails, each of its calls is run alone, so that one
/// bad call fails alone. A cancelled call leaves at once and the others go on; a run that nobody waits for is stopped. Thread-safe.
/// May be disposed while calls are in flight: they finish, and what they run on is disposed with the last.
/// </para>
/// </remarks>
public sealed class BatchingRunner : IModelRunner
{
    private readonly IModelRunner _runner;
    private readonly BatchingOptions _options;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BatchQueue?> _queues = new(StringComparer.Ordinal);
    private int _users = 1;
    private bool _disposed;

    /// <param name="runner">Runs the batches. It now belongs to this one, which disposes it.</param>
    /// <param name="options">Null for the defaults.</param>
    public BatchingRunner(IModelRunner runner, BatchingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(runner);
        options ??= BatchingOptions.Default;
        options.Validate();
        _runner = runner;
        _options = options;
    }

    /// <summary>What runs the batches, for graphs that carry a state from run to run.</summary>
    internal IModelRunner Inner => _runner;

    /// <inheritdoc/>
    public ModelSignature Describe(string graph) => Find(graph)?.Signature ?? _runner.Describe(graph);

    /// <inheritdoc/>
    public IModelCall Rent(string graph)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);
        var queue = Find(graph);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _users++;
        }

        try
        {
            if (queue is not null)
            {
                return queue.Rent();
            }

            var call = _runner.Rent(graph);
            Leave();
            return call;
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        Leave();
    }

    /// <summary>The graph's queue; null if its calls can't be collected.</summary>
    private BatchQueue? Find(string graph)
    {
        lock (_gate)
        {
            if (_queues.TryGetValue(graph, out var known))
            {
                return known;
            }
        }

        // Loads the graph: not under the lock.
        var signature = _runner.Describe(graph);
        var axis = _options.Graphs?.Contains(graph) is false || _options.MaxBatch == 1 ? null : BatchAxis.Find(signature);
        lock (_gate)
        {
            if (!_queues.TryGetValue(graph, out var queue))
            {
                queue = axis is null ? null : new BatchQueue(_runner, signature, axis, _options, Leave);
                _queues.Add(graph, queue);
            }

            return queue;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return;
            }
        }

        foreach (var queue in _queues.Values)
        {
            queue?.Dispose();
        }

        _runner.Dispose();
    }
}
