using System.Runtime.CompilerServices;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets a model server continue a text by the generate extension (<see href="https://github.com/kserve/open-inference-protocol"/>,
/// <see href="https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_generate.md"/>). The protocol gives texts alone: no token numbers, no usage,
/// and no reason why a text ended. That is <see cref="FinishReason.EndOfSequence"/> here, or <see cref="FinishReason.StopString"/> where one is seen. Triton's streams have no
/// mark at their end: one that is closed in order counts as whole. Thread-safe. Calls in flight when it is disposed finish.
/// </summary>
public sealed class OpenInferenceGenerationPredictor : IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>, IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>
{
    private readonly OpenInferenceGenerationOptions _options;
    private readonly TaskEndpoint _whole;
    private readonly TaskEndpoint _stream;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The server and its model.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public OpenInferenceGenerationPredictor(OpenInferenceGenerationOptions endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        endpoint.Validate();
        _options = endpoint;
        _whole = new TaskEndpoint(endpoint, "Open Inference generate", $"{endpoint.Path}/generate");
        _stream = new TaskEndpoint(endpoint, "Open Inference generate", $"{endpoint.Path}/generate_stream");
    }

    /// <summary>Where prompts go: scheme, host, port and path.</summary>
    public Uri Endpoint => _whole.Endpoint;

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
        OpenInferenceGenerationRequest[] requests = [.. inputs.Select(input => Request(input, options))];
        return _whole.PredictAsync<OpenInferenceGenerationRequest, GeneratedText>(requests, async (request, token) => [await AskAsync(request, token).ConfigureAwait(false)], cancellationToken);
    }

    /// <summary>Sends a prompt and gives the text in the pieces that the server sends. The last item says that it ended.</summary>
    /// <inheritdoc cref="PredictAsync" path="/param|/exception"/>
    public IAsyncEnumerable<GeneratedToken> PredictStreamAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Request(input, options), cancellationToken);

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose()
    {
        _whole.Dispose();
        _stream.Dispose();
    }

    private OpenInferenceGenerationRequest Request(TextPrompt input, TextGeneratorOptions? options)
    {
        options ??= TextGeneratorOptions.Default;
        options.Validate();
        UnmappedOptions.Refuse("The Open Inference Protocol's generate extension",
        [
            (nameof(options.MinNewTokens), options.MinNewTokens is > 0),
            (nameof(options.TopK), options.TopK is not null),
            (nameof(options.MinP), options.MinP is not null),
            (nameof(options.RepetitionPenalty), options.RepetitionPenalty is not null),
            (nameof(options.PresencePenalty), options.PresencePenalty != 0),
            (nameof(options.Seed), options.Seed is not null),
            (nameof(options.Sequences), options.Sequences > 1),
            .. UnmappedOptions.Generation(options),
        ]);
        return new OpenInferenceGenerationRequest(TextInputs.Plain(input), new OpenInferenceGenerationParameters
        {
            MaxTokens = options.MaxNewTokens,
            Temperature = options.Sample == false ? 0 : options.Temperature,
            TopP = options.TopP,
            FrequencyPenalty = options.FrequencyPenalty == 0 ? null : options.FrequencyPenalty,
            Stop = options.StopStrings.Count == 0 ? null : options.StopStrings,
            Further = _options.Parameters.Count == 0 ? null : _options.Parameters.ToDictionary(),
        })
        {
            Inputs = _options.Inputs.Count == 0 ? null : _options.Inputs.ToDictionary(),
        };
    }

    private async ValueTask<GeneratedText> AskAsync(OpenInferenceGenerationRequest request, CancellationToken cancellationToken)
    {
        var json = OpenInferenceGenerationJsonContext.Default;
        var reply = await _whole.AskAsync(request, json.OpenInferenceGenerationRequest, json.OpenInferenceGeneration, cancellationToken).ConfigureAwait(false);
        var scanner = new StopScanner(request.Parameters.Stop ?? []);
        var text = scanner.Complete(Text(_whole, reply));
        return new GeneratedText([new GeneratedSequence(text, ReadOnlyMemory<int>.Empty, Finish(scanner))], default);
    }

    private async IAsyncEnumerable<GeneratedToken> StreamAsync(OpenInferenceGenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var json = OpenInferenceGenerationJsonContext.Default;
        var scanner = new StopScanner(request.Parameters.Stop ?? []);
        bool? done = null;
        var isEmpty = true;
        await foreach (var piece in _stream.StreamAsync(request, json.OpenInferenceGenerationRequest, json.OpenInferenceGeneration, end: null, cancellationToken).ConfigureAwait(false))
        {
            isEmpty = false;
            done = piece.Done ?? done;
            yield return new GeneratedToken(-1, scanner.Append(Text(_stream, piece)));
            if (done == true)
            {
                break;
            }
        }

        if (isEmpty || done == false)
        {
            throw _stream.InvalidReply("its stream ends before the text does: no event is the last");
        }

        yield return new GeneratedToken(-1, scanner.Complete()) { FinishReason = Finish(scanner) };
    }

    private static string Text(TaskEndpoint endpoint, OpenInferenceGeneration reply) => reply.TextOutput ?? throw endpoint.InvalidReply("it has no text_output");

    private static FinishReason Finish(StopScanner scanner) => scanner.IsStopped ? FinishReason.StopString : FinishReason.EndOfSequence;
}
