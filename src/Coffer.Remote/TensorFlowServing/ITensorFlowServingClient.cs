using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>The API's questions, over gRPC or REST.</summary>
internal interface ITensorFlowServingClient : IDisposable
{
    ValueTask<ModelSignature> DescribeAsync(TensorFlowServingModel model, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<TensorFlowServingVersionStatus>> GetStatusAsync(TensorFlowServingModel model, CancellationToken cancellationToken);

    IGraphProtocol Create(TensorFlowServingModel model, ModelSignature signature);

    ValueTask<IReadOnlyList<IReadOnlyList<ClassScore>>> ClassifyAsync(TensorFlowServingModel model, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken);

    ValueTask<IReadOnlyList<float>> RegressAsync(TensorFlowServingModel model, IReadOnlyList<TensorFlowExample> examples, CancellationToken cancellationToken);
}
