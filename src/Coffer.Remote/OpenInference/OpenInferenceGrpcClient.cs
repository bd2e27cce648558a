using Coffer.Inference;
using Coffer.Remote.OpenInference;

namespace Coffer.Remote;

/// <summary>The protocol over gRPC.</summary>
internal sealed class OpenInferenceGrpcClient : IOpenInferenceClient
{
    private readonly OpenInferenceEndpointOptions _options;
    private readonly GrpcConnection _connection;
    private readonly GRPCInferenceService.GRPCInferenceServiceClient _service;

    public OpenInferenceGrpcClient(OpenInferenceEndpointOptions options)
    {
        _options = options;
        _connection = new GrpcConnection(options);
        _service = new GRPCInferenceService.GRPCInferenceServiceClient(_connection.Invoker);
    }

    public async ValueTask<ModelSignature> DescribeAsync(OpenInferenceModel model, CancellationToken cancellationToken)
    {
        var reply = await _connection.CallAsync(_service.ModelMetadataAsync(new ModelMetadataRequest { Name = model.Name, Version = model.Version ?? "" }, _connection.Options(cancellationToken))).ConfigureAwait(false);
        return OpenInferenceTypes.Signature(model, reply.Inputs.Select(Describe), reply.Outputs.Select(Describe));
    }

    public async ValueTask<bool> IsReadyAsync(OpenInferenceModel model, CancellationToken cancellationToken)
    {
        var server = await _connection.CallAsync(_service.ServerReadyAsync(new ServerReadyRequest(), _connection.Options(cancellationToken))).ConfigureAwait(false);
        return server.Ready
            && (await _connection.CallAsync(_service.ModelReadyAsync(new ModelReadyRequest { Name = model.Name, Version = model.Version ?? "" }, _connection.Options(cancellationToken))).ConfigureAwait(false)).Ready;
    }

    public IGraphProtocol Create(OpenInferenceModel model, ModelSignature signature) => new OpenInferenceGrpcGraph(_options, _connection, _service, model);

    public void Dispose() => _connection.Dispose();

    private static TensorDescription Describe(ModelMetadataResponse.Types.TensorMetadata tensor) => OpenInferenceTypes.Describe(tensor.Name, tensor.Datatype, tensor.Shape);
}
