namespace Coffer.Remote;

/// <summary>
/// An endpoint that speaks OpenAI's HTTP API: OpenAI, Azure OpenAI, vLLM, llama.cpp, Ollama, TGI. <see cref="RemoteEndpointOptions.Endpoint"/> is what
/// stands before <c>/chat/completions</c> and <c>/embeddings</c>, for example <c>https://api.openai.com/v1</c>; a query, such as Azure's
/// <c>?api-version=…</c>, is kept. The credential is a bearer, or for Azure a key in the header <c>api-key</c>. The API documents no limit in
/// bytes: <see cref="RemoteEndpointOptions.MaxPayload"/> is null unless set.
/// </summary>
public sealed record OpenAIEndpointOptions : RemoteTaskOptions
{
    /// <summary>The model's name on the server, for example <c>gpt-4o-mini</c>; Azure takes it from the address.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// Sends a limit of tokens as <c>max_tokens</c>, for servers that don't know its newer name. Default false: <c>max_completion_tokens</c>.
    /// </summary>
    public bool SendsMaxTokens { get; init; }

    /// <summary>
    /// Sends <c>top_k</c>, <c>min_p</c>, <c>repetition_penalty</c> and <c>min_tokens</c>, which vLLM and SGLang take beside OpenAI's fields. Default false: such options are
    /// refused.
    /// </summary>
    public bool SendsSamplingExtensions { get; init; }

    /// <summary>How many dimensions an embedding has, for models that can shorten theirs. Default null: the model's own.</summary>
    public int? Dimensions { get; init; }

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrEmpty(Model);
        if (Dimensions is { } dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1, nameof(Dimensions));
        }
    }
}
