namespace Coffer.Remote;

/// <summary>
/// A server that speaks the Open Inference Protocol, version 2: KServe, Triton, OpenVINO Model Server, MLServer. The endpoint is
/// its root, for example <c>https://triton.example.com:8001</c>; for the two REST transports a path may precede <c>/v2</c>.
/// </summary>
public sealed record OpenInferenceEndpointOptions : RemoteEndpointOptions
{
    /// <summary>The graphs and where they are. At least one.</summary>
    public required IReadOnlyList<OpenInferenceModel> Models { get; init; }

    /// <summary>How tensors travel. Default gRPC.</summary>
    public OpenInferenceTransport Transport { get; init; }

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
            ArgumentException.ThrowIfNullOrEmpty(model.Name);
            ArgumentException.ThrowIfNullOrEmpty(model.Graph);
        }

        if (Transport == OpenInferenceTransport.Grpc && Endpoint.AbsolutePath != "/")
        {
            throw new ArgumentException("gRPC has no path before its own: name the server only, or choose a REST transport.", nameof(Endpoint));
        }
    }
}
