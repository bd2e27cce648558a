using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The API over HTTP and JSON.</summary>
internal sealed class TensorFlowServingRestClient(TensorFlowServingEndpointOptions options) : ITensorFlowServingClient
{
    private readonly RestClient _http = new(options);

    public async ValueTask<ModelSignature> DescribeAsync(TensorFlowServingModel model, CancellationToken cancellationToken)
    {
        var metadata = await _http.GetAsync(_http.Address($"{model.Path}/metadata"), TensorFlowServingJsonContext.Default.TensorFlowMetadata, cancellationToken).ConfigureAwait(false);
        var signatures = metadata.Fields?.Signatures?.ByName ?? throw new InvalidDataException($"it has no signature_def of model '{model.Name}'");
        return signatures.TryGetValue(model.SignatureName, out var signature)
            ? TensorFlowTypes.Signature(model, (signature.Inputs ?? []).Select(input => Describe(input.Key, input.Value)), (signature.Outputs ?? []).Select(output => Describe(output.Key, output.Value)))
            : throw TensorFlowTypes.NoSignature(model, signatures.Keys);
    }

    public async ValueTask<IReadOnlyList<TensorFlowServingVersionStatus>> GetStatusAsync(TensorFlowServingModel model, CancellationToken cancellationToken)
    {
        var status = await _http.GetAsync(_http.Address(model.Path), TensorFlowServingJsonContext.Default.TensorFlowStatus, cancellationToken).ConfigureAwait(false);
        return [.. (status.Versions ?? []).Select(version => new TensorFlowServingVersionStatus(version.Version, version.State ?? "", RemoteFailures.Quote(version.Status?.Message ?? "", secret: null)))];
    }

    public IGraphProtocol Create(TensorFlowServingModel model, ModelSignature signature) => new JsonGraph(
        options,
        _http,
        _http.Address($"{model.Path}:predict"),
        options.Transport == TensorFlowServingTransport.RestRows ? JsonFormat.TensorFlowRows(model.SignatureName) : JsonFormat.TensorFlowColumns(model.SignatureName));

    public async ValueTask<IReadOnlyList<IReadOnlyList<ClassScore>>> ClassifyAsync(TensorFlowServingModel model, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken)
    {
        using var reply = await SendAsync(model, "classify", examples, cancellationToken).ConfigureAwait(false);
        return TensorFlowExamples.RequireCount(examples, TensorFlowServingJson.ReadClasses(reply.Written.Span));
    }

    public async ValueTask<IReadOnlyList<float>> RegressAsync(TensorFlowServingModel model, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken)
    {
        using var reply = await SendAsync(model, "regress", examples, cancellationToken).ConfigureAwait(false);
        return TensorFlowExamples.RequireCount(examples, TensorFlowServingJson.ReadValues(reply.Written.Span));
    }

    public void Dispose() => _http.Dispose();

    private async ValueTask<PooledBody> SendAsync(TensorFlowServingModel model, string verb, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken)
    {
        using var body = new PooledBody(options.Endpoint, options.MaxPayload);
        TensorFlowServingJson.WriteExamples(body, examples, model.SignatureName);
        body.Lend();
        var reply = await _http.PostJsonAsync(_http.Address($"{model.Path}:{verb}"), body, adapt: null, cancellationToken).ConfigureAwait(false);
        body.Settle();
        return reply;
    }

    private static TensorDescription Describe(string name, TensorFlowTensorInfo tensor) => new(
        name,
        TensorFlowTypes.ToElementType(tensor.Dtype),
        [.. (tensor.Shape?.Dimensions ?? []).Select(dimension => TensorFlowTypes.Dimension(dimension.Size, dimension.Name))],
        AnyRank: tensor.Shape?.UnknownRank ?? false);
}
