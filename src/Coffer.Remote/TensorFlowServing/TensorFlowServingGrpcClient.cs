using Coffer.Inference;
using Coffer.Remote.TensorFlow;
using Coffer.Remote.TensorFlow.Serving;
using Google.Protobuf;

namespace Coffer.Remote;

/// <summary>The API over gRPC.</summary>
internal sealed class TensorFlowServingGrpcClient : ITensorFlowServingClient
{
    private const string SignatureField = "signature_def";

    private readonly TensorFlowServingEndpointOptions _options;
    private readonly GrpcConnection _connection;
    private readonly PredictionService.PredictionServiceClient _predictions;
    private readonly ModelService.ModelServiceClient _models;

    public TensorFlowServingGrpcClient(TensorFlowServingEndpointOptions options)
    {
        _options = options;
        _connection = new GrpcConnection(options);
        _predictions = new PredictionService.PredictionServiceClient(_connection.Invoker);
        _models = new ModelService.ModelServiceClient(_connection.Invoker);
    }

    public async ValueTask<ModelSignature> DescribeAsync(TensorFlowServingModel model, CancellationToken cancellationToken)
    {
        var request = new GetModelMetadataRequest { ModelSpec = Spec(model) };
        // The server refuses this question with a signature's name.
        request.ModelSpec.SignatureName = "";
        request.MetadataField.Add(SignatureField);
        var reply = await _connection.CallAsync(_predictions.GetModelMetadataAsync(request, _connection.Options(cancellationToken))).ConfigureAwait(false);
        if (!reply.Metadata.TryGetValue(SignatureField, out var any) || !any.TryUnpack<SignatureDefMap>(out var map))
        {
            throw new InvalidDataException($"it has no {SignatureField} of model '{model.Name}'");
        }

        return map.SignatureDef.TryGetValue(model.SignatureName, out var signature)
            ? TensorFlowTypes.Signature(model, signature.Inputs.Select(input => Describe(input.Key, input.Value)), signature.Outputs.Select(output => Describe(output.Key, output.Value)))
            : throw TensorFlowTypes.NoSignature(model, map.SignatureDef.Keys);
    }

    public async ValueTask<IReadOnlyList<TensorFlowServingVersionStatus>> GetStatusAsync(TensorFlowServingModel model, CancellationToken cancellationToken)
    {
        var request = new GetModelStatusRequest { ModelSpec = Spec(model) };
        request.ModelSpec.SignatureName = "";
        var reply = await _connection.CallAsync(_models.GetModelStatusAsync(request, _connection.Options(cancellationToken))).ConfigureAwait(false);
        return [.. reply.ModelVersionStatus.Select(status => new TensorFlowServingVersionStatus(status.Version, status.State.ToString().ToUpperInvariant(), RemoteFailures.Quote(status.Status?.ErrorMessage ?? "", secret: null)))];
    }

    public IGraphProtocol Create(TensorFlowServingModel model, ModelSignature signature) => new Graph(_options, _connection, _predictions, model);

    public async ValueTask<IReadOnlyList<IReadOnlyList<ClassScore>>> ClassifyAsync(TensorFlowServingModel model, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken)
    {
        var request = new ClassificationRequest { ModelSpec = Spec(model), Input = ToInput(examples) };
        RequirePayload(request);
        var reply = await _connection.CallAsync(_predictions.ClassifyAsync(request, _connection.Options(cancellationToken))).ConfigureAwait(false);
        return TensorFlowExamples.RequireCount(
            examples,
            (reply.Result ?? new ClassificationResult()).Classifications.Select(item => (IReadOnlyList<ClassScore>)[.. item.Classes.Select((c, i) => new ClassScore(c.Label, i, c.Score))]));
    }

    public async ValueTask<IReadOnlyList<float>> RegressAsync(TensorFlowServingModel model, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken)
    {
        var request = new RegressionRequest { ModelSpec = Spec(model), Input = ToInput(examples) };
        RequirePayload(request);
        var reply = await _connection.CallAsync(_predictions.RegressAsync(request, _connection.Options(cancellationToken))).ConfigureAwait(false);
        return TensorFlowExamples.RequireCount(examples, (reply.Result ?? new RegressionResult()).Regressions.Select(item => item.Value));
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>The request over the call's own memory.</summary>
    public static PredictRequest CreateRequest(TensorFlowServingModel model, RemoteModelCall call)
    {
        var request = new PredictRequest { ModelSpec = Spec(model) };
        foreach (var input in call.Inputs)
        {
            request.Inputs.Add(input.Name, TensorFlowTensors.Write(input));
        }

        foreach (var output in call.Outputs)
        {
            request.OutputFilter.Add(output.Name);
        }

        return request;
    }

    private static ModelSpec Spec(TensorFlowServingModel model)
    {
        var spec = new ModelSpec { Name = model.Name, SignatureName = model.SignatureName };
        if (model.Version is { } version)
        {
            spec.Version = version;
        }
        else if (model.Label is { } label)
        {
            spec.VersionLabel = label;
        }

        return spec;
    }

    private static TensorDescription Describe(string name, TensorInfo tensor) => new(
        name,
        TensorFlowTypes.ToElementType(tensor.Dtype),
        [.. (tensor.TensorShape?.Dim ?? []).Select(dimension => TensorFlowTypes.Dimension(dimension.Size, dimension.Name))],
        AnyRank: tensor.TensorShape?.UnknownRank ?? false);

    private static Input ToInput(IReadOnlyList<TensorFlowExample> examples)
    {
        var list = new ExampleList();
        list.Examples.AddRange(examples.Select(TensorFlowExamples.ToMessage));
        return new Input { ExampleList = list };
    }

    private void RequirePayload(IMessage request)
    {
        if (request.CalculateSize() > _options.MaxPayload)
        {
            throw RemoteFailures.PayloadTooLarge(_options.Endpoint, _options.MaxPayload.Value);
        }
    }

    private sealed class Graph(TensorFlowServingEndpointOptions options, GrpcConnection connection, PredictionService.PredictionServiceClient predictions, TensorFlowServingModel model) : IGraphProtocol
    {
        public async ValueTask RunAsync(RemoteModelCall call, CancellationToken cancellationToken)
        {
            var request = CreateRequest(model, call);
            if (options.MaxPayload is { } limit && request.CalculateSize() > limit)
            {
                throw RemoteFailures.PayloadTooLarge(options.Endpoint, limit);
            }

            var reply = await connection.CallAsync(predictions.PredictAsync(request, connection.Options(cancellationToken))).ConfigureAwait(false);
            foreach (var output in call.Outputs)
            {
                if (reply.Outputs.TryGetValue(output.Name, out var tensor))
                {
                    TensorFlowTensors.Read(output, tensor, options.MaxReply);
                }
            }
        }
    }
}
