namespace Coffer.Remote;

/// <summary>
/// An endpoint that speaks the JSON of Hugging Face's tasks: Inference Endpoints, the serverless inference API, Text Generation Inference (TGI),
/// Text Embeddings Inference (TEI). <see cref="RemoteEndpointOptions.Endpoint"/> is the address that requests are posted to: an Inference
/// Endpoint's root, <c>https://router.huggingface.co/hf-inference/models/…</c>, or TEI's <c>/embed</c>. The credential is a bearer. No
/// limit in bytes is documented for all of them: <see cref="RemoteEndpointOptions.MaxPayload"/> is null unless set.
/// </summary>
public sealed record HuggingFaceEndpointOptions : RemoteTaskOptions
{
    /// <summary>
    /// The classes of a text classifier in the order of the model's output, for <see cref="Inference.ClassScore.Index"/>: the endpoint says names only. Default empty: the
    /// index is -1.
    /// </summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    internal override void Validate()
    {
        base.Validate();
        ArgumentNullException.ThrowIfNull(Labels);
    }
}
