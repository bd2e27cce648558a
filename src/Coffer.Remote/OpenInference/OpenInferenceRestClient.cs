using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The protocol over HTTP.</summary>
internal sealed class OpenInferenceRestClient(OpenInferenceEndpointOptions options) : IOpenInferenceClient
{
    private readonly RestClient _http = new(options);

    public async ValueTask<ModelSignature> DescribeAsync(OpenInferenceModel model, CancellationToken cancellationToken)
    {
        var metadata = await _http.GetAsync(_http.Address(model.Path), OpenInferenceJsonContext.Default.OpenInferenceMetadata, cancellationToken).ConfigureAwait(false);
        return OpenInferenceTypes.Signature(model, (metadata.Inputs ?? []).Select(Describe), (metadata.Outputs ?? []).Select(Describe));
    }

    public async ValueTask<bool> IsReadyAsync(OpenInferenceModel model, CancellationToken cancellationToken) =>
        await _http.IsSuccessAsync(_http.Address("v2/health/ready"), cancellationToken).ConfigureAwait(false)
        && await _http.IsSuccessAsync(_http.Address($"{model.Path}/ready"), cancellationToken).ConfigureAwait(false);

    public IGraphProtocol Create(OpenInferenceModel model, ModelSignature signature)
    {
        var address = _http.Address($"{model.Path}/infer");
        return options.Transport == OpenInferenceTransport.Rest ? new OpenInferenceBinaryGraph(options, _http, address) : new JsonGraph(options, _http, address, JsonFormat.OpenInference);
    }

    public void Dispose() => _http.Dispose();

    private static TensorDescription Describe(OpenInferenceTensorMetadata tensor) => OpenInferenceTypes.Describe(tensor.Name, tensor.Datatype, tensor.Shape);
}
