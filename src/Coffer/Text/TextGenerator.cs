using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Continues a text: text-generation with a decoder-only model. Greedy, sampled or by beam search, whole or token by token, with a key-value cache
/// where the graph has one. A prompt is one unit of quota, however many tokens it takes. Thread-safe. The model that made it owns what it
/// runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class TextGenerator : IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>, IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>
{
    private readonly TextGeneration _generation;
    private readonly Lazy<ChatTemplate> _chatTemplate;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graphs; stays the caller's.</param>
    /// <param name="graphs">Their names, the main one first.</param>
    /// <param name="files">The files that the model carries.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graphs and files don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal TextGenerator(IModelRunner runner, IReadOnlyList<string> graphs, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, PredictorContext context)
    {
        _generation = new TextGeneration(GenerationModel.OfDecoder(runner, graphs, files), context);
        _chatTemplate = ChatTemplate.Later(files);
    }

    /// <summary>The model's tokenizer, for counting tokens.</summary>
    public Tokenizer Tokenizer => _generation.Model.Tokenizer;

    /// <summary>The model's chat template, for <see cref="TextPrompt.FromMessages"/>. Read when it is first asked for.</summary>
    /// <exception cref="TextTemplateException">The model has none (<see cref="TextTemplateError.Missing"/>), or one that can't be read.</exception>
    public ChatTemplate ChatTemplate => _chatTemplate.Value;

    /// <summary>Generates on the caller's thread.</summary>
    /// <param name="input">The prompt.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The prompt is empty (<see cref="InputError.Empty"/>), has a token that the model lacks (<see cref="InputError.Unsuitable"/>), or prompt and new tokens are more than the model or <see cref="GenerationOptions.MaxCacheBytes"/> takes (<see cref="InputError.TooLarge"/>; the message says by how much).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, the options forbid every token, or a native library is missing.</exception>
    /// <exception cref="ArgumentException">Options are out of range, or contradict each other.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    public Prediction<GeneratedText> Predict(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        _generation.Predict(Request(input, options), cancellationToken);

    /// <summary>Generates on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception"/>
    public async Task<Prediction<GeneratedText>> PredictAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        (await _generation.PredictManyAsync([Request(input, options)], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>
    /// Generates for many prompts on the thread pool, <see cref="GenerationOptions.BatchSize"/> at a time; results are in the order of the prompts. Charged for as a whole
    /// before the first is read: a prompt that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The prompts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="Predict" path="/exception"/>
    public Task<IReadOnlyList<Prediction<GeneratedText>>> PredictBatchAsync(
        IReadOnlyList<TextPrompt> inputs, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        Func<GenerationRequest>[] requests = [.. inputs.Select(input => Request(input, options))];
        return requests.Length == 0 ? Task.FromResult<IReadOnlyList<Prediction<GeneratedText>>>([]) : _generation.PredictManyAsync(requests, cancellationToken);
    }

    /// <summary>
    /// Generates on the thread pool, and gives each token as soon as it is there. Charged for when the first is asked for. Whoever stops
    /// reading stops the model.
    /// </summary>
    /// <inheritdoc cref="Predict" path="/param|/exception"/>
    public IAsyncEnumerable<GeneratedToken> PredictStreamAsync(TextPrompt input, TextGeneratorOptions? options = null, CancellationToken cancellationToken = default) =>
        _generation.StreamAsync(Request(input, options), cancellationToken);

    /// <summary>
    /// Begins a conversation: a session keeps its key-value cache from call to call, and what the next prompt has in common with it is not run
    /// again.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The predictor was ended.</exception>
    public GenerationSession StartSession()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new GenerationSession(_generation, Request);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private Func<GenerationRequest> Request(TextPrompt input, TextGeneratorOptions? options)
    {
        ArgumentNullException.ThrowIfNull(input);
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= TextGeneratorOptions.Default;
        options.Validate();
        return () => new GenerationRequest(PromptTokens.Of(input, _generation.Model), [], options, _generation.Model.Config);
    }
}
