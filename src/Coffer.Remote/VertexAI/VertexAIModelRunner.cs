namespace Coffer.Remote;

/// <summary>
/// Runs a graph on an endpoint of Google Vertex AI
/// (<see href="https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/predict"/>).
/// </summary>
public sealed class VertexAIModelRunner : RemoteModelRunner
{
    private VertexAIModelRunner(VertexAIEndpointOptions options, RestClient http, IGraphProtocol protocol)
        : base(options, http, "Google Vertex AI", [(options.Signature, protocol)])
    {
    }

    /// <summary>Makes a runner. Sends nothing yet.</summary>
    /// <param name="options">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public static VertexAIModelRunner Create(VertexAIEndpointOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var http = new RestClient(options);
        var builder = new UriBuilder(options.Endpoint);
        builder.Path += options.Method == VertexAIMethod.Predict ? ":predict" : ":rawPredict";
        var format = options.Method == VertexAIMethod.Predict ? Predict(options) : JsonFormat.Of(options.Body);
        return new VertexAIModelRunner(options, http, new JsonGraph(options, http, builder.Uri, format));
    }

    /// <summary>True: the service has no such question.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public override ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    private static JsonFormat Predict(VertexAIEndpointOptions options) => new(
        (body, call) => TensorFlowServingJson.WriteRows(body, call, signatureName: null, writer =>
        {
            if (options.Parameters is { } parameters)
            {
                writer.WritePropertyName("parameters"u8);
                parameters.WriteTo(writer);
            }
        }),
        TensorFlowServingJson.ReadReply);
}
