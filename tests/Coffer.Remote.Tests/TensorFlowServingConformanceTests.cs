using Coffer.Inference;

namespace Coffer.Remote.Tests;

public abstract class TensorFlowServingConformance(TensorFlowServingTransport transport) : RemoteModelRunnerConformance
{
    protected override bool IsGrpc => transport == TensorFlowServingTransport.Grpc;

    private protected override RemoteEndpointOptions Options(Uri server, string model, ModelSignature? signature) => new TensorFlowServingEndpointOptions
    {
        Endpoint = server,
        Transport = transport,
        Models = [new TensorFlowServingModel(model) { Graph = model, Signature = signature }],
    };

    private protected override async ValueTask<RemoteModelRunner> ConnectAsync(RemoteEndpointOptions options) => await TensorFlowServingModelRunner.ConnectAsync((TensorFlowServingEndpointOptions)options, Token);
}

public sealed class TensorFlowServingGrpcConformanceTests() : TensorFlowServingConformance(TensorFlowServingTransport.Grpc);

public sealed class TensorFlowServingRestConformanceTests() : TensorFlowServingConformance(TensorFlowServingTransport.RestColumns);
