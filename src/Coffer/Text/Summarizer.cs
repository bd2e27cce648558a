using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Says shortly what a text says: summarization with an encoder-decoder model, as its files say (prefix, beams, lengths). A text is one
/// unit of quota. Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class Summarizer : IPredictor<TextInput, SummarizerOptions, GeneratedText>, IStreamingPredictor<TextInput, SummarizerOptions, GeneratedToken>
{
    private readonly TextGeneration _generation;
    private readonly GenerationConfig _config;
    private readonly string _prefix;
    private readonly int _start;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graphs; stays the caller's.</param>
    /// <param name="graphs">Their names, an encoder's and its decoder's.</param>
    /// <param name="files">The files that the model carries.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graphs and files don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal Summarizer(IModelRunner runner, IReadOnlyList<string> graphs, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, PredictorContext context)
    {
        var model = GenerationModel.OfEncoderDecoder(runner, graphs, files);
        _generation = new TextGeneration(model, context);
        _start = model.RequireDecoderStart();
        _config = model.Config.ForTask(ModelTasks.Summarization);
        _prefix = _config.Text("prefix") ?? "";
    }

    /// <summary>Summarizes on the caller's thread.</summary>
    /// <param name="input">The text.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), a pair (<see cref="InputError.Unsuitable"/>), or has more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says by how much).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, the options forbid every token, or a native library is missing.</exception>
    /// <exception cref="ArgumentException">Options are out of range, or contradict each other.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    public Prediction<GeneratedText> Predict(TextInput input, SummarizerOptions? options = null, CancellationToken cancellationToken = default) =>
        _generation.Predict(Request(input, options), cancellationToken);

    /// <summary>Summarizes on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception"/>
    public async Task<Prediction<GeneratedText>> PredictAsync(TextInput input, SummarizerOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _generation.PredictManyAsync([Request(input, options)], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>
    /// Summarizes many texts on the thread pool, <see cref="GenerationOptions.BatchSize"/> at a time; results are in the order of the texts. Charged for as a whole
    /// before the first is read: a text that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="Predict" path="/exception"/>
    public Task<IReadOnlyList<Prediction<GeneratedText>>> PredictBatchAsync(
        IReadOnlyList<TextInput> inputs, SummarizerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Func<GenerationRequest>[] requests = [.. inputs.Select(input => Request(input, options))];
        return requests.Length == 0 ? Task.FromResult<IReadOnlyList<Prediction<GeneratedText>>>([]) : _generation.PredictManyAsync(requests, cancellationToken);
    }

    /// <summary>
    /// Summarizes on the thread pool, and gives each token as soon as it is there. Charged for when the first is asked for. Whoever stops
    /// reading stops the model.
    /// </summary>
    /// <inheritdoc cref="Predict" path="/param|/exception"/>
    public IAsyncEnumerable<GeneratedToken> PredictStreamAsync(TextInput input, SummarizerOptions? options = null, CancellationToken cancellationToken = default) =>
        _generation.StreamAsync(Request(input, options), cancellationToken);

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private Func<GenerationRequest> Request(TextInput input, SummarizerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= SummarizerOptions.Default;
        options.Validate();
        var text = SourceText.Of(input);
        return () => new GenerationRequest([_start], SourceText.Encode(_generation.Model, text, _prefix, options.Truncation), options, _config);
    }
}
