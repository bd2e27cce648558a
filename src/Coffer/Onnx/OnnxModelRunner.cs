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

    /// <param name="graphs">Where its graphs come from.</param>
    /// <param name="options">Where and how to run.</param>
    /// <param name="logger">Gets ONNX Runtime's warnings and every fallback.</param>
    internal OnnxModelRunner(IReadOnlyList<OnnxGraphSource> graphs, ExecutionOptions options, ILogger? logger = null)
    {
        options.Validate();
        var factory = new SessionFactory(options, logger ?? NullLogger.Instance);
        _sessions = graphs.ToDictionary(graph => graph.Name, graph => new LazySession(graph, factory), StringComparer.Ordinal);
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

    private LazySession Find(string graph) => _sessions.GetValueOrDefault(graph) ?? throw new InferenceException(
        InferenceError.UnknownGraph,
        $"The model has no graph '{graph}'. It has {string.Join(", ", _sessions.Keys.Select(name => $"'{name}'"))}.");

    /// <summary>Loads its graph once, on whichever thread asks first. A failure is not kept: memory may be free the next time.</summary>
    private sealed class LazySession(OnnxGraphSource source, SessionFactory factory) : IDisposable
    {
        private readonly Lock _gate = new();
        private volatile OnnxSession? _session;
        private bool _disposed;

        public OnnxSession Get() => _session ?? Load();

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

        private OnnxSession Load()
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(OnnxModelRunner));
                return _session ??= Create(source.Open());
            }
        }

        private OnnxSession Create(OnnxGraph graph)
        {
            try
            {
                return factory.Create(graph);
            }
            catch
            {
                graph.Owner.Dispose();
                throw;
            }
        }
    }
}
