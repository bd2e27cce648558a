using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets an endpoint of OpenAI's kind embed texts (<see href="https://platform.openai.com/docs/api-reference/embeddings"/>). Thread-safe. Calls in flight when it is
/// disposed finish.
/// </summary>
public sealed class OpenAIEmbeddingPredictor : IPredictor<TextInput, TextEmbedderOptions, TextEmbedding>
{
    private readonly OpenAIEndpointOptions _options;
    private readonly TaskEndpoint _endpoint;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public OpenAIEmbeddingPredictor(OpenAIEndpointOptions endpoint)
    {
        _options = endpoint;
        _endpoint = new TaskEndpoint(endpoint, "OpenAI embeddings", "embeddings", OpenAIStatuses.Unwrap);
    }

    /// <summary>Where texts go: scheme, host, port and path.</summary>
    public Uri Endpoint => _endpoint.Endpoint;

    /// <summary>Embeds a text.</summary>
    /// <param name="input">The text, alone.</param>
    /// <param name="options">
    /// Null for the defaults. <see cref="TextEmbedderOptions.Normalize"/> may be true: vectors are scaled here. What the protocol has no field for is refused.
    /// </param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), or a pair (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">An option has no field in the protocol (<see cref="InferenceError.NotCapable"/>; the message names it).</exception>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public async Task<Prediction<TextEmbedding>> PredictAsync(TextInput input, TextEmbedderOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PredictBatchAsync([input], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Embeds many texts, <see cref="TextEmbedderOptions.BatchSize"/> in a request and <see cref="RemoteTaskOptions.MaxConcurrency"/> requests at once.</summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<TextEmbedding>>> PredictBatchAsync(IReadOnlyList<TextInput> inputs, TextEmbedderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        options ??= TextEmbedderOptions.Default;
        options.Validate();
        UnmappedOptions.Refuse("OpenAI's embeddings API",
            (nameof(options.Pooling), options.Pooling is not null),
            (nameof(options.Normalize), options.Normalize == false),
            (nameof(options.Prompt), options.Prompt is not null && options.Prefix is null),
            (nameof(options.Truncation), options.Truncation != TruncationStrategy.None),
            (nameof(options.MaxLength), options.MaxLength is not null));
        string[] texts = [.. inputs.Select(input => options.Prefix + TextInputs.Alone(input))];
        return _endpoint.PredictAsync<string[], TextEmbedding>([.. texts.Chunk(options.BatchSize)], (chunk, token) => AskAsync(chunk, options.Normalize == true, token), cancellationToken);
    }

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _endpoint.Dispose();

    private async ValueTask<IReadOnlyList<TextEmbedding>> AskAsync(string[] texts, bool normalize, CancellationToken cancellationToken)
    {
        var request = new OpenAIEmbeddingRequest(_options.Model, texts, "float", _options.Dimensions);
        var reply = await _endpoint.AskAsync(request, OpenAIJsonContext.Default.OpenAIEmbeddingRequest, OpenAIJsonContext.Default.OpenAIEmbeddingReply, cancellationToken).ConfigureAwait(false);
        var vectors = new float[]?[texts.Length];
        foreach (var embedding in reply.Data ?? [])
        {
            if (embedding.Index < 0 || embedding.Index >= vectors.Length || vectors[embedding.Index] is not null)
            {
                throw _endpoint.InvalidReply($"it has an embedding for input {embedding.Index}, of {texts.Length}, that is another's");
            }

            vectors[embedding.Index] = embedding.Embedding;
        }

        return RemoteEmbeddings.Of(_endpoint, vectors, normalize);
    }
}
