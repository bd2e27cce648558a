using Coffer.Inference;

namespace Coffer.Remote.Tests;

public abstract class OpenInferenceConformance(OpenInferenceTransport transport) : RemoteModelRunnerConformance
{
    // The protocol has -1 for it, without a name.
    protected override string BatchSymbol => "?";

    protected override bool IsGrpc => transport == OpenInferenceTransport.Grpc;

    private protected override RemoteEndpointOptions Options(Uri server, string model, ModelSignature? signature) => new OpenInferenceEndpointOptions
    {
        Endpoint = server,
        Transport = transport,
        Models = [new OpenInferenceModel(model) { Graph = model, Signature = signature }],
    };

    private protected override async ValueTask<RemoteModelRunner> ConnectAsync(RemoteEndpointOptions options) => await OpenInferenceModelRunner.ConnectAsync((OpenInferenceEndpointOptions)options, Token);
}

public sealed class OpenInferenceGrpcConformanceTests() : OpenInferenceConformance(OpenInferenceTransport.Grpc);

public sealed class OpenInferenceRestConformanceTests() : OpenInferenceConformance(OpenInferenceTransport.Rest);

public sealed class OpenInferenceRestJsonConformanceTests() : OpenInferenceConformance(OpenInferenceTransport.RestJson);
