using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The protocol's questions, over gRPC or REST.</summary>
internal interface IOpenInferenceClient : IDisposable
{
    ValueTask<ModelSignature> DescribeAsync(OpenInferenceModel model, CancellationToken cancellationToken);

    ValueTask<bool> IsReadyAsync(OpenInferenceModel model, CancellationToken cancellationToken);

    IGraphProtocol Create(OpenInferenceModel model, ModelSignature signature);
}
