using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets Text Embeddings Inference, or an endpoint for feature-extraction that pools, embed texts
/// (<see href="https://huggingface.github.io/text-embeddings-inference/"/>). Thread-safe. Calls in flight when it is disposed finish.
/// </summary>
public sealed class HuggingFaceEmbeddingPredictor : IPredictor<TextInput, TextEmbedderOptions, TextEmbedding>
{
    private readonly TaskEndpoint _endpoint;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public HuggingFaceEmbeddingPredictor(HuggingFaceEndpointOptions endpoint) => _endpoint = new TaskEndpoint(endpoint, "Hugging Face feature-extraction", path: null);

    /// <summary>Where inputs go: scheme, host, port and path.</summary>
    public Uri Endpoint => _endpoint.Endpoint;

    /// <summary>Embeds a text.</summary>
    /// <param name="input">The text, alone.</param>
    /// <param name="options">
    /// Null for the server's defaults; TEI scales vectors to length 1 unless <see cref="TextEmbedderOptions.Normalize"/> is false. Any truncation of the first text
    /// is the server's own. What the protocol has no field for is refused.
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
    /// <param name="options">Null for the server's defaults.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<TextEmbedding>>> PredictBatchAsync(IReadOnlyList<TextInput> inputs, TextEmbedderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        options ??= TextEmbedderOptions.Default;
        options.Validate();
        UnmappedOptions.Refuse("Text Embeddings Inference",
            (nameof(options.Pooling), options.Pooling is not null),
            (nameof(options.Truncation), options.Truncation == TruncationStrategy.OnlySecond),
            (nameof(options.MaxLength), options.MaxLength is not null));
        string[] texts = [.. inputs.Select(input => options.Prefix + TextInputs.Alone(input))];
        return _endpoint.PredictAsync<HuggingFaceEmbeddingRequest, TextEmbedding>(
            [.. texts.Chunk(options.BatchSize).Select(chunk => new HuggingFaceEmbeddingRequest(chunk)
            {
                Normalize = options.Normalize,
                Truncate = options.Truncation != TruncationStrategy.None,
                PromptName = options.Prefix is null ? options.Prompt : null,
            })],
            AskAsync,
            cancellationToken);
    }

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _endpoint.Dispose();

    private async ValueTask<IReadOnlyList<TextEmbedding>> AskAsync(HuggingFaceEmbeddingRequest request, CancellationToken cancellationToken)
    {
        var vectors = await _endpoint.AskAsync(request, HuggingFaceJsonContext.Default.HuggingFaceEmbeddingRequest, HuggingFaceJsonContext.Default.SingleArrayArray, cancellationToken).ConfigureAwait(false);
        return vectors.Length == request.Inputs.Count
            ? RemoteEmbeddings.Of(_endpoint, vectors, normalize: false)
            : throw _endpoint.InvalidReply($"it has {vectors.Length} embeddings for {request.Inputs.Count} texts");
    }
}
