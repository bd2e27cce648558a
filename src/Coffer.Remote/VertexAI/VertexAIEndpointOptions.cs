using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>
/// An endpoint of Google Vertex AI. <see cref="RemoteEndpointOptions.Endpoint"/> is its resource, for example
/// <c>https://europe-west4-aiplatform.googleapis.com/v1/projects/P/locations/europe-west4/endpoints/E</c>. Its credential is a bearer token.
/// Its payload limit is 1,500,000 bytes, that of shared public endpoints, unless set.
/// </summary>
public sealed record VertexAIEndpointOptions : RemoteEndpointOptions
{
    /// <summary>Makes options with the service's payload limit.</summary>
    public VertexAIEndpointOptions() => MaxPayload = 1_500_000;

    /// <summary>What the model takes and gives, as <see cref="IModelRunner.Describe"/> of a local runner says it: Vertex AI does not tell.</summary>
    public required ModelSignature Signature { get; init; }

    /// <summary>How it is asked. Default <c>predict</c>.</summary>
    public VertexAIMethod Method { get; init; }

    /// <summary>The JSON that the container takes through <c>rawPredict</c>. Default the Open Inference Protocol's.</summary>
    public RemoteBodyFormat Body { get; init; }

    /// <summary>The <c>parameters</c> of <c>predict</c>. Default null: none.</summary>
    public JsonElement? Parameters { get; init; }

    internal override void Validate()
    {
        base.Validate();
        ArgumentNullException.ThrowIfNull(Signature);
        if (Endpoint.AbsolutePath.Contains(':', StringComparison.Ordinal) || Endpoint.AbsolutePath.EndsWith('/'))
        {
            throw new ArgumentException("Name the endpoint's resource, .../endpoints/E, without :predict.", nameof(Endpoint));
        }
    }
}
