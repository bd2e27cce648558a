using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets a chat endpoint of OpenAI's kind answer a prompt (<see href="https://platform.openai.com/docs/api-reference/chat"/>). The server has its own tokenizer and
/// template: a prompt is a text, which becomes the user's message, and results have no token numbers. For whole conversations there is
/// <see cref="OpenAIConversationPredictor"/>. Thread-safe. Calls in flight when it is disposed finish.
/// </summary>
public sealed class OpenAIChatPredictor : IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>, IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>
{
    private readonly OpenAIChat _chat;
    private readonly ChatTurn? _system;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="system">What the model is told before each prompt; null for nothing.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public OpenAIChatPredictor(OpenAIEndpointOptions endpoint, string? system = null)
    {
        _chat = new OpenAIChat(endpoint);
        _system = system is null ? null : ChatTurn.System(system);
    }

    /// <summary>Where prompts go: scheme, host, port and path.</summary>
    public Uri Endpoint => _chat.Endpoint;

    /// <summary>Sends a prompt and waits for the whole answer.</summary>
    /// <param name="input">The prompt: a text that no template has rendered.</param>
    /// <param name="options">Null for the server's defaults. What the protocol has no field for is refused.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InputException">The prompt is empty (<see cref="InputError.Empty"/>), tokens, or rendered (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">An option has no field in the protocol (<see cref="InferenceError.NotCapable"/>; the message names it).</exception>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public async Task<Prediction<GeneratedText>> PredictAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _chat.PredictAsync([Messages(input)], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends each prompt for itself, <see cref="RemoteTaskOptions.MaxConcurrency"/> at once. One that fails fails the batch.</summary>
    /// <param name="inputs">The prompts; may be empty.</param>
    /// <param name="options">Null for the server's defaults.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<GeneratedText>>> PredictBatchAsync(IReadOnlyList<TextPrompt> inputs, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return _chat.PredictAsync([.. inputs.Select(Messages)], options, cancellationToken);
    }

    /// <summary>Sends a prompt and gives the answer in the pieces that the server sends. The last item has no text, and says why it ended.</summary>
    /// <inheritdoc cref="PredictAsync" path="/param|/exception"/>
    public IAsyncEnumerable<GeneratedToken> PredictStreamAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        _chat.StreamAsync(Messages(input), options, cancellationToken);

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _chat.Dispose();

    private IReadOnlyList<ChatTurn> Messages(TextPrompt input)
    {
        var user = ChatTurn.User(TextInputs.Plain(input));
        return _system is null ? [user] : [_system, user];
    }
}
