using System.Runtime.CompilerServices;
using System.Text.Json;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets Text Generation Inference, or an endpoint with it, continue a text (<see href="https://huggingface.github.io/text-generation-inference/"/>). The server has its own
/// tokenizer and puts its special tokens around a prompt; results have its token numbers. For conversations, its <c>/v1</c> is an
/// <see cref="OpenAIConversationPredictor"/>'s. Thread-safe. Calls in flight when it is disposed finish.
/// </summary>
public sealed class HuggingFaceTextGenerationPredictor : IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>, IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>
{
    private readonly TaskEndpoint _endpoint;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public HuggingFaceTextGenerationPredictor(HuggingFaceEndpointOptions endpoint) => _endpoint = new TaskEndpoint(endpoint, "Hugging Face text-generation", path: null);

    /// <summary>Where inputs go: scheme, host, port and path.</summary>
    public Uri Endpoint => _endpoint.Endpoint;

    /// <summary>Sends a prompt and waits for the whole text.</summary>
    /// <param name="input">The prompt: a text that no template has rendered.</param>
    /// <param name="options">Null for the server's defaults. What the protocol has no field for is refused.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InputException">The prompt is empty (<see cref="InputError.Empty"/>), tokens, or rendered (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">An option has no field in the protocol (<see cref="InferenceError.NotCapable"/>; the message names it).</exception>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public async Task<Prediction<GeneratedText>> PredictAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PredictBatchAsync([input], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends each prompt for itself, <see cref="RemoteTaskOptions.MaxConcurrency"/> at once. One that fails fails the batch.</summary>
    /// <param name="inputs">The prompts; may be empty.</param>
    /// <param name="options">Null for the server's defaults.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<GeneratedText>>> PredictBatchAsync(IReadOnlyList<TextPrompt> inputs, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        options = Validated(options);
        HuggingFaceGenerationRequest[] requests = [.. inputs.Select(input => HuggingFaceGenerationRequests.Of(TextInputs.Plain(input), options, streams: false))];
        return _endpoint.PredictAsync<HuggingFaceGenerationRequest, GeneratedText>(requests, async (request, token) => [await AskAsync(request, token).ConfigureAwait(false)], cancellationToken);
    }

    /// <summary>Sends a prompt and gives each token as the server sends it.</summary>
    /// <inheritdoc cref="PredictAsync" path="/param|/exception"/>
    public IAsyncEnumerable<GeneratedToken> PredictStreamAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Validated(options);
        UnmappedOptions.RequireOneSequence(options);
        return StreamAsync(HuggingFaceGenerationRequests.Of(TextInputs.Plain(input), options, streams: true), cancellationToken);
    }

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _endpoint.Dispose();

    private static TextGeneratorOptions Validated(TextGeneratorOptions? options)
    {
        options ??= TextGeneratorOptions.Default;
        options.Validate();
        return options;
    }

    private async ValueTask<GeneratedText> AskAsync(HuggingFaceGenerationRequest request, CancellationToken cancellationToken)
    {
        var root = await _endpoint.AskAsync(request, HuggingFaceJsonContext.Default.HuggingFaceGenerationRequest, HuggingFaceJsonContext.Default.JsonElement, cancellationToken).ConfigureAwait(false);
        // The root answers with a list of one, /generate with the one.
        var only = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1 ? root[0] : root;
        var reply = only.ValueKind == JsonValueKind.Object ? only.Deserialize(HuggingFaceJsonContext.Default.HuggingFaceGeneration) : null;
        if (reply is not { GeneratedText: { } text, Details: { } details })
        {
            throw _endpoint.InvalidReply("it has no generated_text with details");
        }

        var tokens = details.Tokens ?? [];
        var scanner = new StopScanner(request.Parameters.Stop ?? []);
        var sequence = new GeneratedSequence(scanner.Complete(text), tokens.Select(token => token.Id).ToArray(), Finish(details));
        return new GeneratedText([sequence], new TokenUsage(details.InputLength ?? details.Prefill?.Count ?? 0, details.GeneratedTokens ?? tokens.Count));
    }

    private async IAsyncEnumerable<GeneratedToken> StreamAsync(HuggingFaceGenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scanner = new StopScanner(request.Parameters.Stop ?? []);
        var events = _endpoint.StreamAsync(request, HuggingFaceJsonContext.Default.HuggingFaceGenerationRequest, HuggingFaceJsonContext.Default.HuggingFaceGeneration, end: null, cancellationToken);
        var count = 0;
        await foreach (var piece in events.ConfigureAwait(false))
        {
            var token = piece.Token ?? throw _endpoint.InvalidReply("an event has no token");
            var text = token.Special ? "" : token.Text ?? "";
            count++;
            if (piece.Details is not { } details)
            {
                yield return new GeneratedToken(token.Id, scanner.Append(text));
                continue;
            }

            yield return new GeneratedToken(token.Id, scanner.Complete(text))
            {
                FinishReason = Finish(details),
                Usage = new TokenUsage(details.InputLength ?? 0, details.GeneratedTokens ?? count),
            };
            yield break;
        }

        throw _endpoint.InvalidReply("its stream ends before the text does: no event has details");
    }

    private FinishReason Finish(HuggingFaceDetails details) => details.FinishReason switch
    {
        "eos_token" => FinishReason.EndOfSequence,
        "length" => FinishReason.Length,
        "stop_sequence" => FinishReason.StopString,
        var other => throw _endpoint.InvalidReply($"its finish_reason is '{RemoteFailures.Quote(other ?? "", secret: null)}'"),
    };
}
