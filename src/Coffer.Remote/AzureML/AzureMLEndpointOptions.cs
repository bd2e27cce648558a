using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// An online endpoint of Azure Machine Learning. <see cref="RemoteEndpointOptions.Endpoint"/> is its scoring address, for example
/// <c>https://digits.westeurope.inference.ml.azure.com/score</c>. Its credential is a bearer: the endpoint's key, or a token. A Triton
/// deployment is an <see cref="OpenInferenceModelRunner"/>'s. Its payload limit is 10,000,000 bytes unless set.
/// </summary>
public sealed record AzureMLEndpointOptions : RemoteEndpointOptions
{
    /// <summary>Makes options with the service's payload limit.</summary>
    public AzureMLEndpointOptions() => MaxPayload = 10_000_000;

    /// <summary>What the model takes and gives, as <see cref="IModelRunner.Describe"/> of a local runner says it: the service does not tell.</summary>
    public required ModelSignature Signature { get; init; }

    /// <summary>The JSON that the scoring script takes. Default the Open Inference Protocol's.</summary>
    public RemoteBodyFormat Body { get; init; }

    /// <summary>The deployment. Default null: by the endpoint's traffic rules.</summary>
    public string? Deployment { get; init; }

    internal override void Validate()
    {
        base.Validate();
        ArgumentNullException.ThrowIfNull(Signature);
    }
}
