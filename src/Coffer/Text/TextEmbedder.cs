using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Turns texts into vectors that are near each other where the texts mean the like: feature-extraction, as sentence-transformers pools and
/// scales. Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class TextEmbedder : IPredictor<TextInput, TextEmbedderOptions, TextEmbedding>
{
    private readonly TextGraph _graph;
    private readonly TextEmbedderSettings _settings;
    private readonly EmbeddingOutput _output;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal TextEmbedder(IModelRunner runner, string graph, TextEmbedderSettings settings, PredictorContext context)
    {
        _graph = new TextGraph(runner, runner.Describe(graph), settings.Model, context);
        _settings = settings;
        _output = new EmbeddingOutput(_graph, settings);
    }

    /// <summary>The bundle's full id, <c>publisher/name</c>; null for an embedder without a bundle.</summary>
    public string? ModelId => _graph.ModelId;

    /// <summary>The number of dimensions of an embedding; null where the graph leaves it open.</summary>
    public int? Dimensions => _output.Dimensions is { } dimensions ? checked((int)dimensions) : null;

    /// <summary>What the model wants put before a text, by what the text is for: usually <c>query</c>, and <c>document</c> or <c>passage</c>. May be empty.</summary>
    public IReadOnlyDictionary<string, string> Prompts => _settings.Prompts;

    /// <summary>How the model's embeddings are meant to be compared; cosine where its files don't say.</summary>
    public EmbeddingSimilarity Similarity => _settings.Similarity;

    /// <summary>Embeds a text on the caller's thread.</summary>
    /// <param name="input">The text; not a pair.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), has more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says how many), or is a pair (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a number that is none, or pooling was asked of a graph that pools by itself (<see cref="InferenceError.NotCapable"/>).</exception>
    /// <exception cref="ArgumentException">The model has no prompt of that name.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<TextEmbedding> Predict(TextInput input, TextEmbedderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return _graph.Predict(input, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Embeds a text on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:System.ArgumentException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<TextEmbedding>> PredictAsync(TextInput input, TextEmbedderOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return (await _graph.PredictManyAsync([input], Task(options), options.BatchSize, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Embeds many texts on the thread pool, several in one run (<see cref="TextEmbedderOptions.BatchSize"/>), texts of about the same length
    /// together; results are in the order of the texts. Charged for as a whole before the first is read: a text that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<TextEmbedding>>> PredictBatchAsync(
        IReadOnlyList<TextInput> inputs, TextEmbedderOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = TextGraph.Copy(inputs);
        options = Validated(options);
        return _graph.PredictManyAsync(texts, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private TextTask<TextInput, TextEmbedding, TextEmbedding> Task(TextEmbedderOptions options)
    {
        var prefix = Prefix(options);
        var encoding = _graph.Encoding(options.Truncation, options.MaxLength);
        var skipped = _settings.IncludePrompt ? 0 : PromptTokens(prefix);
        return new(input => [Encode(input, prefix, encoding)], (call, slot, tokens) => _output.Read(call, slot, tokens, options, skipped), (_, _, rows) => rows[0]) { Dimensions = embedding => embedding.Vector.Length };
    }

    private TextEncoding Encode(TextInput input, string prefix, EncodeOptions encoding)
    {
        if (input.Pair is not null)
        {
            throw new InputException(InputError.Unsuitable, "A pair of texts has no embedding. Give each text for itself.");
        }

        var tokens = _graph.Encode(prefix + input.Text, encoding);
        return prefix.Length == 0 || tokens.Overflowing.Count > 0 || Reaches(tokens, prefix.Length) ? tokens : throw TextInputBinding.Empty("text");
    }

    // A prompt alone has tokens, too: the text must have some of its own.
    private static bool Reaches(TextEncoding tokens, int start)
    {
        foreach (var span in tokens.Offsets.Span)
        {
            if (span.End > start)
            {
                return true;
            }
        }

        return false;
    }

    private string Prefix(TextEmbedderOptions options)
    {
        if (options.Prefix is not null || (options.Prompt ?? _settings.DefaultPrompt) is not { } name)
        {
            return options.Prefix ?? "";
        }

        return _settings.Prompts.TryGetValue(name, out var prompt) ? prompt : throw new ArgumentException(
            _settings.Prompts.Count == 0
                ? $"The model has no prompts, so none named '{name}'. Give {nameof(TextEmbedderOptions.Prefix)}."
                : $"The model has no prompt '{name}'. It has {string.Join(", ", _settings.Prompts.Keys.Select(key => $"'{key}'"))}.",
            nameof(options));
    }

    // As sentence-transformers counts: a special token at the end belongs to no prompt.
    private int PromptTokens(string prefix)
    {
        if (prefix.Length == 0)
        {
            return 0;
        }

        var encoding = _graph.Tokenizer.Encode(prefix);
        return encoding.Count - (encoding.Count > 0 && _graph.Tokenizer.IsSpecial(encoding.Ids.Span[^1]) ? 1 : 0);
    }

    private TextEmbedderOptions Validated(TextEmbedderOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= TextEmbedderOptions.Default;
        options.Validate();
        return options;
    }
}
