using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets an endpoint for text-classification say what texts are about (<see href="https://huggingface.co/docs/inference-providers/tasks/text-classification"/>). Thread-safe. Calls in
/// flight when it is disposed finish.
/// </summary>
public sealed class HuggingFaceTextClassificationPredictor : IPredictor<TextInput, TextClassifierOptions, TextClassification>
{
    private readonly TaskEndpoint _endpoint;
    private readonly Dictionary<string, int> _indices;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public HuggingFaceTextClassificationPredictor(HuggingFaceEndpointOptions endpoint)
    {
        _endpoint = new TaskEndpoint(endpoint, "Hugging Face text-classification", path: null);
        _indices = endpoint.Labels.Index().ToDictionary(label => label.Item, label => label.Index, StringComparer.Ordinal);
    }

    /// <summary>Where inputs go: scheme, host, port and path.</summary>
    public Uri Endpoint => _endpoint.Endpoint;

    /// <summary>Classifies a text.</summary>
    /// <param name="input">The text, alone.</param>
    /// <param name="options">Null for the defaults. What the protocol has no field for is refused.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), or a pair (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">An option has no field in the protocol (<see cref="InferenceError.NotCapable"/>; the message names it).</exception>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public async Task<Prediction<TextClassification>> PredictAsync(TextInput input, TextClassifierOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PredictBatchAsync([input], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends each text for itself, <see cref="RemoteTaskOptions.MaxConcurrency"/> at once. One that fails fails the batch.</summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<TextClassification>>> PredictBatchAsync(IReadOnlyList<TextInput> inputs, TextClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        options ??= TextClassifierOptions.Default;
        options.Validate();
        UnmappedOptions.Refuse("Hugging Face's text-classification",
            (nameof(options.Truncation), options.Truncation != TruncationStrategy.None),
            (nameof(options.MaxLength), options.MaxLength is not null));
        var function = options.Scores switch
        {
            ScoreFunction.Softmax => "softmax",
            ScoreFunction.Sigmoid => "sigmoid",
            ScoreFunction.None => "none",
            _ => null,
        };
        HuggingFaceClassificationRequest[] requests = [.. inputs.Select(input => new HuggingFaceClassificationRequest(TextInputs.Alone(input), new HuggingFaceClassificationParameters(options.TopK, function)))];
        return _endpoint.PredictAsync<HuggingFaceClassificationRequest, TextClassification>(requests, async (request, token) => [await AskAsync(request, options, token).ConfigureAwait(false)], cancellationToken);
    }

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _endpoint.Dispose();

    private async ValueTask<TextClassification> AskAsync(HuggingFaceClassificationRequest request, TextClassifierOptions options, CancellationToken cancellationToken)
    {
        var root = await _endpoint.AskAsync(request, HuggingFaceJsonContext.Default.HuggingFaceClassificationRequest, HuggingFaceJsonContext.Default.JsonElement, cancellationToken).ConfigureAwait(false);
        ClassScore[] classes = [.. HuggingFaceScores.Read(_endpoint, root).Select(one => new ClassScore(one.Label, _indices.GetValueOrDefault(one.Label, -1), one.Score)).OrderByDescending(one => one.Score)];
        return new TextClassification(classes[0], [.. classes.Where(one => !(one.Score < options.Threshold)).Take(options.TopK)]);
    }
}
