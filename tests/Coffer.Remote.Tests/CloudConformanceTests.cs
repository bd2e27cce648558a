using Coffer.Inference;

namespace Coffer.Remote.Tests;

public sealed class SageMakerConformanceTests : RemoteModelRunnerConformance
{
    protected override bool Describes => false;

    private protected override bool IsSigned => true;

    private protected override RemoteEndpointOptions Options(Uri server, string model, ModelSignature? signature) => new SageMakerEndpointOptions
    {
        Endpoint = server,
        EndpointName = model,
        Region = "eu-central-1",
        AwsCredential = _ => ValueTask.FromResult(new AwsCredential("AKIDEXAMPLE", "secret")),
        Signature = signature!,
    };

    private protected override RemoteEndpointOptions WithSecret(RemoteEndpointOptions options, string secret) =>
        (SageMakerEndpointOptions)options with { AwsCredential = _ => ValueTask.FromResult(new AwsCredential("AKIDEXAMPLE", secret)) };

    private protected override RemoteEndpointOptions WithFailingSecret(RemoteEndpointOptions options) =>
        (SageMakerEndpointOptions)options with { AwsCredential = _ => throw new InvalidOperationException("no keys") };

    private protected override ValueTask<RemoteModelRunner> ConnectAsync(RemoteEndpointOptions options) => ValueTask.FromResult<RemoteModelRunner>(SageMakerModelRunner.Create((SageMakerEndpointOptions)options));
}

public sealed class VertexAIConformanceTests : RemoteModelRunnerConformance
{
    protected override bool Describes => false;

    private protected override RemoteEndpointOptions Options(Uri server, string model, ModelSignature? signature) => new VertexAIEndpointOptions
    {
        Endpoint = new Uri(server, $"v1/projects/p/locations/l/endpoints/{model}"),
        Method = VertexAIMethod.RawPredict,
        Signature = signature!,
    };

    private protected override ValueTask<RemoteModelRunner> ConnectAsync(RemoteEndpointOptions options) => ValueTask.FromResult<RemoteModelRunner>(VertexAIModelRunner.Create((VertexAIEndpointOptions)options));
}

public sealed class AzureMLConformanceTests : RemoteModelRunnerConformance
{
    protected override bool Describes => false;

    private protected override RemoteEndpointOptions Options(Uri server, string model, ModelSignature? signature) => new AzureMLEndpointOptions
    {
        Endpoint = new Uri(server, $"azure/{model}/score"),
        Signature = signature!,
    };

    private protected override ValueTask<RemoteModelRunner> ConnectAsync(RemoteEndpointOptions options) => ValueTask.FromResult<RemoteModelRunner>(AzureMLModelRunner.Create((AzureMLEndpointOptions)options));
}
