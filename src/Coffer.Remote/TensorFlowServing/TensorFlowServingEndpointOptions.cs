namespace Coffer.Remote;

/// <summary>
/// A TensorFlow Serving model server, or one that speaks its API. The endpoint is its root, for example
/// <c>https://serving.example.com:8500</c> for gRPC, <c>:8501</c> for REST, where a path may precede <c>/v1</c>.
/// </summary>
public sealed record TensorFlowServingEndpointOptions : RemoteEndpointOptions
{
    /// <summary>The graphs and where they are. At least one.</summary>
    public required IReadOnlyList<TensorFlowServingModel> Models { get; init; }

    /// <summary>How tensors travel. Default gRPC.</summary>
    public TensorFlowServingTransport Transport { get; init; }

    internal override void Validate()
    {
        base.Validate();
        ArgumentNullException.ThrowIfNull(Models);
        if (Models.Count == 0 || Models.DistinctBy(model => model.Graph).Count() != Models.Count)
        {
            throw new ArgumentException("Name at least one model, and each graph once.", nameof(Models));
        }

        foreach (var model in Models)
        {
            model.Validate();
        }

        if (Transport == TensorFlowServingTransport.Grpc && Endpoint.AbsolutePath != "/")
        {
            throw new ArgumentException("gRPC has no path before its own: name the server only, or choose a REST transport.", nameof(Endpoint));
        }
    }
}
