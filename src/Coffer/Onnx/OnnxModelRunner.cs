using Coffer.Inference;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coffer.Onnx;

/// <summary>
/// Runs a model's graphs in this process. A graph is loaded when it is first described or rented, from memory only: ONNX
/// Runtime never gets a path, and writes none of a model to the disk. Thread-safe. May be disposed while calls are in flight:
/// they finish, and the memory goes with the last.
/// </summary>
public sealed class OnnxModelRunner : IModelRunner
{
    private readonly Dictionary<string, LazySession> _sessions;
    private readonly WarmUp? _warmUp;

    /// <param name="graphs">Where its graphs come from.</param>
    /// <param name="options">Where and how to run.</param>
    /// <param name="logger">Gets ONNX Runtime's warnings and every fallback.</param>
    /// <param name="pool">Shares sessions with other runners; null for none.</param>
    internal OnnxModelRunner(IReadOnlyList<OnnxGraphSource> graphs, ExecutionOptions options, ILogger? logger = null, SessionPool? pool = null)
    {
        options.Validate();
        var factory = new SessionFactory(options, logger ?? NullLogger.Instance);
        _sessions = graphs.ToDictionary(graph => graph.Name, graph => new LazySession(graph, factory, pool), StringComparer.Ordinal);
        _warmUp = options.WarmUp;
    }

    /// <inheritdoc/>
    public ModelSignature Describe(string graph) => Find(graph).Get().Signature;

    /// <inheritdoc/>
    public IModelCall Rent(string graph) => Find(graph).Get().Rent();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    /// <summary>Loads a graph now, and warms it up.</summary>
    /// <exception cref="InferenceException">It can't be loaded, or does not run with the warm-up's sizes.</exception>
    internal void Load(string graph, GraphLoad load)
    {
        var session = Find(graph).Get(load);
        if (_warmUp is not null)
        {
            load.Progress?.Report(new OpenProgress(OpenPhase.WarmingUp));
            WarmUp(session, _warmUp, load.CancellationToken);
        }
    }

    private static void WarmUp(OnnxSession session, WarmUp warmUp, CancellationToken cancellationToken)
    {
        using var call = session.Rent();
        try
        {
            for (var i = 0; i < warmUp.Runs; i++)
            {
                foreach (var input in session.Inputs)
                {
                    call.WriteZeros(input, WarmUpShape(input.Description, session.KnownShapes, warmUp));
                }

                call.Run(cancellationToken);
            }
        }
        catch (InferenceException e)
        {
            throw new InferenceException(
                e.Error,
                $"The warm-up failed; its inputs were {string.Join(", ", session.Inputs.Select(input => $"'{input.Description.Name}' [{string.Join(", ", WarmUpShape(input.Description, session.KnownShapes, warmUp))}]"))}. Name the sizes that the model takes in {nameof(Onnx.WarmUp)}.{nameof(Onnx.WarmUp.Dimensions)}: its inputs are {string.Join(", ", session.Signature.Inputs)}. {e.Message}",
                e);
        }
    }

    private static long[] WarmUpShape(TensorDescription input, IReadOnlyDictionary<string, IReadOnlyList<long>> known, WarmUp warmUp)
    {
        var sizes = known.TryGetValue(input.Name, out var shape) && shape.Count == input.Dimensions.Count ? shape : null;
        return [.. input.Dimensions.Select((dimension, axis) => dimension.Size ?? (warmUp.Dimensions.TryGetValue(dimension.Symbol, out var size) ? size : sizes?[axis] ?? 1))];
    }

    private LazySession Find(string graph) => _sessions.GetValueOrDefault(graph) ?? throw new InferenceException(
        InferenceError.UnknownGraph,
        $"The model has no graph '{graph}'. It has {string.Join(", ", _sessions.Keys.Select(name => $"'{name}'"))}.");

    /// <summary>Loads its graph once, on whichever thread asks first. A failure is not kept: memory may be free the next time.</summary>
    private sealed class LazySession(OnnxGraphSource source, SessionFactory factory, SessionPool? pool) : IDisposable
    {
        private readonly Lock _gate = new();
        private volatile OnnxSession? _session;
        private volatile bool _disposed;

        public OnnxSession Get(GraphLoad load = default)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(OnnxModelRunner));
            return _session ?? Load(load);
        }

        public void Dispose()
        {
            lock (_gate)
            {
                if (_disposed)
                {
                    return;
                }

                _disposed = true;
                _session?.Close();
            }
        }

        private OnnxSession Load(GraphLoad load)
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(OnnxModelRunner));
                return _session ??= pool is not null && source.Identity is { } identity
                    ? pool.Get(identity, source.Name, factory.Options, () => source.Open(load), graph => Create(graph, load))
                    : Create(source.Open(load), load);
            }
        }

        private OnnxSession Create(OnnxGraph graph, GraphLoad load)
        {
            try
            {
                load.Progress?.Report(new OpenProgress(OpenPhase.Loading));
                return factory.Create(graph, load.CancellationToken);
            }
            catch
            {
                graph.Owner.Dispose();
                throw;
            }
        }
    }
}
