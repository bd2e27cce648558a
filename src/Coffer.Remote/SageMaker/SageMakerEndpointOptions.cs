using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// A real-time endpoint of Amazon SageMaker. <see cref="RemoteEndpointOptions.Endpoint"/> is the region's runtime, for example
/// <c>https://runtime.sagemaker.eu-central-1.amazonaws.com</c>. Its payload limit is 6,000,000 bytes unless set.
/// </summary>
public sealed record SageMakerEndpointOptions : RemoteEndpointOptions
{
    /// <summary>Makes options with the service's payload limit.</summary>
    public SageMakerEndpointOptions() => MaxPayload = 6_000_000;

    /// <summary>The endpoint's name.</summary>
    public required string EndpointName { get; init; }

    /// <summary>The region that the signature is for, for example <c>eu-central-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>Called for every request: gives the keys to sign with. <see cref="RemoteEndpointOptions.Credential"/> stays null.</summary>
    public required Func<CancellationToken, ValueTask<AwsCredential>> AwsCredential { get; init; }

    /// <summary>What the model takes and gives, as <see cref="IModelRunner.Describe"/> of a local runner says it: SageMaker does not tell.</summary>
    public required ModelSignature Signature { get; init; }

    /// <summary>The JSON that the container takes. Default the Open Inference Protocol's.</summary>
    public RemoteBodyFormat Body { get; init; }

    /// <summary>The production variant. Default null: by the endpoint's weights.</summary>
    public string? TargetVariant { get; init; }

    /// <summary>The model's file of a multi-model endpoint, for example <c>digits.tar.gz</c>. Default null.</summary>
    public string? TargetModel { get; init; }

    /// <summary>The inference component. Default null.</summary>
    public string? InferenceComponent { get; init; }

    /// <summary>What tells the signature's time. Default the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    private protected override bool SendsCredentials => true;

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrEmpty(EndpointName);
        ArgumentException.ThrowIfNullOrEmpty(Region);
        ArgumentNullException.ThrowIfNull(AwsCredential);
        ArgumentNullException.ThrowIfNull(Signature);
        ArgumentNullException.ThrowIfNull(Clock);
        if (Credential is not null)
        {
            throw new ArgumentException($"SageMaker takes a signature: give its keys by {nameof(AwsCredential)}, and leave {nameof(Credential)} null.", nameof(Credential));
        }
    }
}
