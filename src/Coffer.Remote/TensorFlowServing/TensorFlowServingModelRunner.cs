using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// Runs graphs on TensorFlow Serving (<see href="https://www.tensorflow.org/tfx/serving/api_rest"/> and its gRPC API).
/// </summary>
public sealed class TensorFlowServingModelRunner : RemoteModelRunner
{
    private readonly TensorFlowServingEndpointOptions _options;
    private readonly ITensorFlowServingClient _client;

    private TensorFlowServingModelRunner(TensorFlowServingEndpointOptions options, ITensorFlowServingClient client, IEnumerable<(ModelSignature Signature, IGraphProtocol Protocol)> graphs)
        : base(options, client, $"TensorFlow Serving {(options.Transport == TensorFlowServingTransport.Grpc ? "gRPC" : "REST")}", graphs)
    {
        _options = options;
        _client = client;
    }

    /// <summary>Makes a runner, asking the server about each model that has no signature in the options.</summary>
    /// <param name="options">The server and its models.</param>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <exception cref="RemoteException">The server did not answer, or doesn't have a model or its signature.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static async ValueTask<TensorFlowServingModelRunner> ConnectAsync(TensorFlowServingEndpointOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ITensorFlowServingClient client = options.Transport == TensorFlowServingTransport.Grpc ? new TensorFlowServingGrpcClient(options) : new TensorFlowServingRestClient(options);
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

            return new TensorFlowServingModelRunner(options, client, graphs);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Whether each of the models has a version that is available.</summary>
    /// <param name="cancellationToken">Ends the questions.</param>
    /// <returns>False where the server says no, and where it can't be reached.</returns>
    public override async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default)
    {
        foreach (var model in _options.Models)
        {
            if (!await AskAsync(_options, async token => (await _client.GetStatusAsync(model, token).ConfigureAwait(false)).Any(version => version.IsAvailable), cancellationToken).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The versions of a graph's model on the server; of one version where the options name it.</summary>
    /// <param name="graph">The graph's name.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="RemoteException">The server did not answer, or doesn't have the model.</exception>
    public ValueTask<IReadOnlyList<TensorFlowServingVersionStatus>> GetStatusAsync(string graph = "model", CancellationToken cancellationToken = default)
    {
        var model = Model(graph);
        return AskAsync(token => _client.GetStatusAsync(model, token), cancellationToken);
    }

    /// <summary>Runs the server's classification of examples (its <c>Classify</c>).</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="graph">The graph's name; the model's signature must be one of classification.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>For each example its classes, in the server's order.</returns>
    /// <exception cref="RemoteException">The server gave no result.</exception>
    public ValueTask<IReadOnlyList<IReadOnlyList<ClassScore>>> ClassifyAsync(IReadOnlyList<TensorFlowExample> examples, string graph = "model", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var model = Model(graph);
        return AskAsync(token => _client.ClassifyAsync(model, examples, token), cancellationToken);
    }

    /// <summary>Runs the server's regression of examples (its <c>Regress</c>).</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="graph">The graph's name; the model's signature must be one of regression.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>For each example its value.</returns>
    /// <exception cref="RemoteException">The server gave no result.</exception>
    public ValueTask<IReadOnlyList<float>> RegressAsync(IReadOnlyList<TensorFlowExample> examples, string graph = "model", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        var model = Model(graph);
        return AskAsync(token => _client.RegressAsync(model, examples, token), cancellationToken);
    }

    private async ValueTask<T> AskAsync<T>(Func<CancellationToken, ValueTask<T>> question, CancellationToken cancellationToken)
        where T : class
    {
        T? answer = null;
        await RemoteCalls.RunAsync(_options, async token => answer = await question(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return answer!;
    }

    private TensorFlowServingModel Model(string graph)
    {
        _ = Describe(graph);
        return _options.Models.First(model => model.Graph == graph);
    }
}
