namespace Coffer.Onnx;

/// <summary>
/// Lets models share what they have in common. Models of one bundle that are opened with the same pool use one session and one
/// copy of the weights where their <see cref="ExecutionOptions"/> are equal; where these differ, for example one for each GPU, the sessions are
/// separate and weights that are used in place (<see cref="WeightLoading.Direct"/>) are still shared. Each model keeps its own license: a pool
/// saves memory and time, it gives nobody a right. What is shared goes with the last model that uses it. Thread-safe.
/// </summary>
/// <remarks>
/// The parts of a bundle whose manifest is loaded already are not read from its file again; they were verified when they were.
/// </remarks>
public sealed class SessionPool
{
    private readonly SharedTable<SessionKey, OnnxSession> _sessions = new();
    private readonly SharedTable<GraphKey, SharedGraph> _graphs = new();

    /// <summary>A session for one more runner, which then closes it.</summary>
    internal OnnxSession Get(SharedIdentity identity, string graph, ExecutionOptions options, Func<OnnxGraph> open, Func<OnnxGraph, OnnxSession> create)
    {
        identity.Prove();
        var graphKey = new GraphKey(identity.ManifestDigest, graph);
        return _sessions.Get(
            new SessionKey(graphKey, options with { MaxConcurrency = 1, WarmUp = null }),
            () => create(_graphs.Get(graphKey, () => new SharedGraph(open())).Graph));
    }

    private sealed record GraphKey(string ManifestDigest, string Graph);

    private sealed record SessionKey(GraphKey Graph, ExecutionOptions Options);
}
