using System.Runtime.InteropServices;
using Coffer.Bundles;
using Coffer.Inference;

namespace Hybrid;

/// <summary>Runs the graph on <see cref="Endpoint"/>. An application's own protocol takes no more than this; Coffer.Remote has the usual ones.</summary>
internal sealed class EndpointRunner(Uri endpoint, Network network, ModelSignature local) : IRemoteModelRunner
{
    private readonly ModelSignature _signature = local with
    {
        Target = ExecutionTarget.Remote,
        ExecutionProvider = "HTTP",
        Capabilities = new RunnerCapabilities(Synchronous: false, Carry: false),
        Fallback = null,
    };

    public Uri Endpoint => endpoint;

    public ModelSignature Describe(string graph) => _signature;

    public IModelCall Rent(string graph) => new Call(this);

    public void Dispose()
    {
    }

    private async Task<float[]> PostAsync(float[] input, CancellationToken cancellationToken)
    {
        try
        {
            using var body = new ByteArrayContent(MemoryMarshal.AsBytes<float>(input).ToArray());
            using var reply = await network.PostAsync(endpoint, body, cancellationToken);
            reply.EnsureSuccessStatusCode();
            return MemoryMarshal.Cast<byte, float>(await reply.Content.ReadAsByteArrayAsync(cancellationToken)).ToArray();
        }
        catch (HttpRequestException e)
        {
            throw new RemoteException(RemoteError.Unreachable, endpoint, $"No answer from {endpoint.Authority}: {e.Message}", e);
        }
    }

    private sealed class Call(EndpointRunner runner) : IModelCall
    {
        private float[] _input = [];
        private float[] _output = [];
        private long _batch;
        private long[] _shape = [];

        public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
        {
            _batch = shape[0];
            _input = new float[shape[0] * shape[1] * shape[2] * shape[3]];
            return (T[])(Array)_input;
        }

        public ReadOnlySpan<T> Output<T>(string name) => (T[])(Array)_output;

        public ReadOnlySpan<long> OutputShape(string name) => _shape;

        public void Carry(string output, string input) => throw new InferenceException(InferenceError.NotCapable, $"An endpoint can't carry '{output}' to '{input}'.");

        public void Run(CancellationToken cancellationToken = default) => throw new NotSupportedException("An endpoint has no synchronous calls. Use RunAsync.");

        public async ValueTask RunAsync(CancellationToken cancellationToken = default)
        {
            _output = await runner.PostAsync(_input, cancellationToken);
            _shape = [_batch, _output.Length / _batch];
        }

        public void Dispose()
        {
        }
    }
}
