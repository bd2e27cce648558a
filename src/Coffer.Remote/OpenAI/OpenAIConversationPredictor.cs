using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets a chat endpoint of OpenAI's kind go on with a conversation (<see href="https://platform.openai.com/docs/api-reference/chat"/>). The server renders it by its
/// own template; results have no token numbers. Thread-safe. Calls in flight when it is disposed finish.
/// </summary>
public sealed class OpenAIConversationPredictor : IPredictor<IReadOnlyList<ChatTurn>, TextGeneratorOptions, GeneratedText>, IStreamingPredictor<IReadOnlyList<ChatTurn>, TextGeneratorOptions, GeneratedToken>
{
    private readonly OpenAIChat _chat;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public OpenAIConversationPredictor(OpenAIEndpointOptions endpoint) => _chat = new OpenAIChat(endpoint);

    /// <summary>Where conversations go: scheme, host, port and path.</summary>
    public Uri Endpoint => _chat.Endpoint;

    /// <summary>Sends a conversation and waits for the whole answer.</summary>
    /// <param name="input">The conversation, oldest message first.</param>
    /// <param name="options">Null for the server's defaults. What the protocol has no field for is refused.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InputException">There is no message (<see cref="InputError.Empty"/>).</exception>
    /// <exception cref="InferenceException">An option has no field in the protocol (<see cref="InferenceError.NotCapable"/>; the message names it).</exception>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public async Task<Prediction<GeneratedText>> PredictAsync(IReadOnlyList<ChatTurn> input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _chat.PredictAsync([Checked(input)], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends each conversation for itself, <see cref="RemoteTaskOptions.MaxConcurrency"/> at once. One that fails fails the batch.</summary>
    /// <param name="inputs">The conversations; may be empty.</param>
    /// <param name="options">Null for the server's defaults.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<GeneratedText>>> PredictBatchAsync(IReadOnlyList<IReadOnlyList<ChatTurn>> inputs, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return _chat.PredictAsync([.. inputs.Select(Checked)], options, cancellationToken);
    }

    /// <summary>Sends a conversation and gives the answer in the pieces that the server sends. The last item has no text, and says why it ended.</summary>
    /// <inheritdoc cref="PredictAsync" path="/param|/exception"/>
    public IAsyncEnumerable<GeneratedToken> PredictStreamAsync(IReadOnlyList<ChatTurn> input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        _chat.StreamAsync(Checked(input), options, cancellationToken);

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _chat.Dispose();

    private static IReadOnlyList<ChatTurn> Checked(IReadOnlyList<ChatTurn> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Count == 0 ? throw TextInputs.Empty("conversation") : input;
    }
}
