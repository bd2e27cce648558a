using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>
/// Lets an endpoint for zero-shot-classification choose among the caller's labels
/// (<see href="https://huggingface.co/docs/inference-providers/tasks/zero-shot-classification"/>). Thread-safe. Calls in flight when it is disposed finish.
/// </summary>
public sealed class HuggingFaceZeroShotPredictor : IPredictor<TextInput, ZeroShotClassifierOptions, ZeroShotClassification>
{
    private readonly TaskEndpoint _endpoint;

    /// <summary>Creates the predictor. Sends nothing yet.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public HuggingFaceZeroShotPredictor(HuggingFaceEndpointOptions endpoint) => _endpoint = new TaskEndpoint(endpoint, "Hugging Face zero-shot-classification", path: null);

    /// <summary>Where inputs go: scheme, host, port and path.</summary>
    public Uri Endpoint => _endpoint.Endpoint;

    /// <summary>Classifies a text.</summary>
    /// <param name="input">The text, alone.</param>
    /// <param name="options">The labels, and how.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), or a pair (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">An option has no field in the protocol (<see cref="InferenceError.NotCapable"/>; the message names it).</exception>
    /// <exception cref="RemoteException">The endpoint gave no result.</exception>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public async Task<Prediction<ZeroShotClassification>> PredictAsync(TextInput input, ZeroShotClassifierOptions? options, CancellationToken cancellationToken = default) =>
        (await PredictBatchAsync([input], options, cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Sends each text for itself, <see cref="RemoteTaskOptions.MaxConcurrency"/> at once. One that fails fails the batch.</summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">The labels, and how.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<ZeroShotClassification>>> PredictBatchAsync(IReadOnlyList<TextInput> inputs, ZeroShotClassifierOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        UnmappedOptions.Refuse("Hugging Face's zero-shot-classification",
            (nameof(options.Truncation), options.Truncation != TruncationStrategy.None),
            (nameof(options.MaxLength), options.MaxLength is not null));
        var parameters = new HuggingFaceZeroShotParameters(options.Labels, options.HypothesisTemplate, options.MultiLabel);
        HuggingFaceZeroShotRequest[] requests = [.. inputs.Select(input => new HuggingFaceZeroShotRequest(TextInputs.Alone(input), parameters))];
        return _endpoint.PredictAsync<HuggingFaceZeroShotRequest, ZeroShotClassification>(requests, async (request, token) => [await AskAsync(request, token).ConfigureAwait(false)], cancellationToken);
    }

    /// <summary>Ends the predictor, and its connections with the last call.</summary>
    public void Dispose() => _endpoint.Dispose();

    private async ValueTask<ZeroShotClassification> AskAsync(HuggingFaceZeroShotRequest request, CancellationToken cancellationToken)
    {
        var root = await _endpoint.AskAsync(request, HuggingFaceJsonContext.Default.HuggingFaceZeroShotRequest, HuggingFaceJsonContext.Default.JsonElement, cancellationToken).ConfigureAwait(false);
        var scores = HuggingFaceScores.Read(_endpoint, root).ToLookup(one => one.Label, one => one.Score, StringComparer.Ordinal);
        var labels = request.Parameters.CandidateLabels;
        if (scores.Count != labels.Distinct(StringComparer.Ordinal).Count() || labels.Any(label => !scores.Contains(label)))
        {
            throw _endpoint.InvalidReply("its labels are not those that were asked about");
        }

        return new ZeroShotClassification([.. labels.Select((label, index) => new ClassScore(label, index, scores[label].First())).OrderByDescending(label => label.Score)]);
    }
}
