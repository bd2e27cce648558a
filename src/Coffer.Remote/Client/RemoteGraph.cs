using System.Collections.Concurrent;
using System.Collections.Frozen;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>A graph on an endpoint with its idle calls.</summary>
internal sealed class RemoteGraph
{
    /// <summary>More idle calls than this are let go: their buffers would only fill memory.</summary>
    private const int MaxIdleCalls = 32;

    private readonly RemoteEndpointOptions _options;
    private readonly IGraphProtocol _protocol;
    private readonly EndpointLease _lease;
    private readonly FrozenDictionary<string, int> _inputs;
    private readonly FrozenDictionary<string, int> _outputs;
    private readonly ConcurrentBag<RemoteModelCall> _idle = [];

    public RemoteGraph(ModelSignature signature, RemoteEndpointOptions options, IGraphProtocol protocol, EndpointLease lease)
    {
        Signature = signature;
        _options = options;
        _protocol = protocol;
        _lease = lease;
        _inputs = signature.Inputs.Index().ToFrozenDictionary(input => input.Item.Name, input => input.Index, StringComparer.Ordinal);
        _outputs = signature.Outputs.Index().ToFrozenDictionary(output => output.Item.Name, output => output.Index, StringComparer.Ordinal);
    }

    public ModelSignature Signature { get; }

    public Uri Endpoint => _options.Endpoint;

    public RemoteModelCall Rent()
    {
        _lease.Join();
        if (!_idle.TryTake(out var call))
        {
            return new RemoteModelCall(this);
        }

        call.Reopen();
        return call;
    }

    public void Return(RemoteModelCall call)
    {
        if (_idle.Count < MaxIdleCalls)
        {
            _idle.Add(call);
        }

        _lease.Leave();
    }

    public int FindInput(string name) => Find(_inputs, Signature.Inputs, "input", name);

    public int FindOutput(string name) => Find(_outputs, Signature.Outputs, "output", name);

    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    public async ValueTask RunAsync(RemoteModelCall call, CancellationToken cancellationToken)
    {
        await RemoteCalls.RunAsync(_options, token => _protocol.RunAsync(call, token), cancellationToken).ConfigureAwait(false);
        foreach (var output in call.Outputs)
        {
            if (!output.IsFilled)
            {
                throw RemoteFailures.InvalidReply(Endpoint, $"output '{output.Description}' of graph '{Signature.Graph}' is not in it");
            }
        }
    }

    private int Find(FrozenDictionary<string, int> indices, IReadOnlyList<TensorDescription> tensors, string kind, string name) =>
        indices.TryGetValue(name, out var index) ? index : throw new InferenceException(
            InferenceError.UnknownTensor,
            $"Graph '{Signature.Graph}' has no {kind} '{name}'. It has {string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"))}.");
}
