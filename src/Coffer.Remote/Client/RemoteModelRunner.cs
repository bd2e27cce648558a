using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// Runs a model's graphs on an endpoint. A predictor over it gives the results of a local one, since what comes before and after
/// the graph stays here. Thread-safe. May be disposed while calls are in flight: they finish, and the connections go with the last.
/// </summary>
public abstract class RemoteModelRunner : IRemoteModelRunner
{
    private readonly Dictionary<string, RemoteGraph> _graphs;
    private readonly EndpointLease _lease;
    private int _disposed;

    /// <param name="options">The endpoint.</param>
    /// <param name="connection">What goes with the last call.</param>
    /// <param name="protocol">For every result: what it ran on.</param>
    /// <param name="graphs">Each graph's signature and how to run it.</param>
    private protected RemoteModelRunner(RemoteEndpointOptions options, IDisposable connection, string protocol, IEnumerable<(ModelSignature Signature, IGraphProtocol Protocol)> graphs)
    {
        Endpoint = RemoteException.Bare(options.Endpoint);
        _lease = new EndpointLease(connection);
        var capabilities = new RunnerCapabilities(Synchronous: false, Carry: false, options.MaxPayload);
        _graphs = graphs.ToDictionary(
            graph => graph.Signature.Graph,
            graph => new RemoteGraph(
                graph.Signature with { Capabilities = capabilities, Target = ExecutionTarget.Remote, ExecutionProvider = protocol, Fallback = null },
                options,
                graph.Protocol,
                _lease),
            StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public Uri Endpoint { get; }

    /// <inheritdoc/>
    public ModelSignature Describe(string graph) => Find(graph).Signature;

    /// <inheritdoc/>
    public IModelCall Rent(string graph)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return Find(graph).Rent();
    }

    /// <inheritdoc/>
    public abstract ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _lease.Leave();
        }

        GC.SuppressFinalize(this);
    }

    private protected static async ValueTask<bool> AskAsync(RemoteEndpointOptions options, Func<CancellationToken, ValueTask<bool>> question, CancellationToken cancellationToken)
    {
        var answer = false;
        try
        {
            await RemoteCalls.RunAsync(options, async token => answer = await question(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (RemoteException)
        {
            return false;
        }

        return answer;
    }

    private RemoteGraph Find(string graph) => _graphs.GetValueOrDefault(graph) ?? throw new InferenceException(
        InferenceError.UnknownGraph,
        $"The model has no graph '{graph}'. It has {string.Join(", ", _graphs.Keys.Select(name => $"'{name}'"))}.");
}
