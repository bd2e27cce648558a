using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// Runs graphs on a server that speaks the Open Inference Protocol, version 2
/// (<see href="https://github.com/kserve/open-inference-protocol"/>).
/// </summary>
public sealed class OpenInferenceModelRunner : RemoteModelRunner
{
    private readonly OpenInferenceEndpointOptions _options;
    private readonly IOpenInferenceClient _client;

    private OpenInferenceModelRunner(OpenInferenceEndpointOptions options, IOpenInferenceClient client, IEnumerable<(ModelSignature Signature, IGraphProtocol Protocol)> graphs)
        : base(options, client, $"Open Inference {(options.Transport == OpenInferenceTransport.Grpc ? "gRPC" : "REST")}", graphs)
    {
        _options = options;
        _client = client;
    }

    /// <summary>Makes a runner, asking the server about each model that has no signature in the options.</summary>
    /// <param name="options">The server and its models.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="RemoteException">The server did not answer, or doesn't have a model.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static async ValueTask<OpenInferenceModelRunner> ConnectAsync(OpenInferenceEndpointOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        IOpenInferenceClient client = options.Transport == OpenInferenceTransport.Grpc ? new OpenInferenceGrpcClient(options) : new OpenInferenceRestClient(options);
        try
        {
            var graphs = new List<(ModelSignature, IGraphProtocol)>();
            foreach (var model in options.Models)
            {
                var signature = model.Signature;
                if (signature is null)
                {
                    await RemoteCalls.RunAsync(options, async token => signature = await client.DescribeAsync(model, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                }

                signature = signature! with { Graph = model.Graph };
                graphs.Add((signature, client.Create(model, signature)));
            }

            return new OpenInferenceModelRunner(options, client, graphs);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Whether the server is ready, and each of the models.</summary>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <returns>False where it says no, and where it can't be reached.</returns>
    public override async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default)
    {
        foreach (var model in _options.Models)
        {
            if (!await AskAsync(_options, token => _client.IsReadyAsync(model, token), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }
}
