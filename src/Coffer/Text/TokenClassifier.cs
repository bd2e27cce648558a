using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Finds the names, places, dates or whatever else a model was trained on in a text: token-classification, with transformers' aggregation.
/// Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class TokenClassifier : IPredictor<TextInput, TokenClassifierOptions, TokenClassification>
{
    private readonly TextGraph _graph;
    private readonly TokenOutput _logits;
    private readonly TokenScoreReader _reader;
    private readonly EntityGrouping _grouping;
    private readonly IReadOnlyList<string>? _labels;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal TokenClassifier(IModelRunner runner, string graph, TokenClassifierSettings settings, PredictorContext context)
    {
        var signature = runner.Describe(graph);
        _graph = new TextGraph(runner, signature, settings.Model, context);
        _logits = new TokenOutput(_graph, signature.Outputs.FirstOrDefault(output => output.Name == "logits") ?? signature.Outputs[0], 3, "Export it as a token classifier and pack it again.");
        _labels = settings.Labels;
        _reader = new TokenScoreReader(_graph.Tokenizer);
        _grouping = new EntityGrouping(_graph.Tokenizer, _labels);
        if (_logits.Width is { } width)
        {
            RequireLabels(width);
        }
    }

    /// <summary>Finds a text's entities on the caller's thread; one call, however many windows.</summary>
    /// <param name="input">The text; not a pair.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), has more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says how many), is a pair, or the stride leaves no room for it (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, or a native library is missing.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<TokenClassification> Predict(TextInput input, TokenClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return _graph.Predict(input, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Finds a text's entities on the thread pool; one call, however many windows.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<TokenClassification>> PredictAsync(TextInput input, TokenClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return (await _graph.PredictManyAsync([input], Task(options), options.BatchSize, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Finds the entities of many texts on the thread pool, texts of about the same length together; results are in the order of the texts.
    /// Charged for as a whole before the first is read: a text that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<TokenClassification>>> PredictBatchAsync(
        IReadOnlyList<TextInput> inputs, TokenClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = TextGraph.Copy(inputs);
        options = Validated(options);
        return _graph.PredictManyAsync(texts, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private TextTask<TextInput, float[], TokenClassification> Task(TokenClassifierOptions options)
    {
        var encoding = _graph.Encoding(options.Stride is null ? options.Truncation : TruncationStrategy.OnlyFirst, options.MaxLength) with { Stride = options.Stride ?? 0 };
        return new(
            input => Windows(input, encoding, options.Stride is not null),
            (call, slot, tokens) => Read(call, slot, tokens),
            (input, windows, logits) => Combine(input.Text, windows, logits, options));
    }

    private IReadOnlyList<TextEncoding> Windows(TextInput input, EncodeOptions encoding, bool all)
    {
        if (input.Pair is not null)
        {
            throw new InputException(InputError.Unsuitable, "Entities are found in one text, and this is a pair. Give each text for itself.");
        }

        var tokens = _graph.Encode(input, encoding);
        return all ? [tokens, .. tokens.Overflowing] : [tokens];
    }

    private float[] Read(IModelCall call, int slot, TextEncoding tokens)
    {
        var logits = _logits.Read(call, slot, tokens, "score");
        RequireLabels(logits.Length / tokens.Count);
        return logits;
    }

    private TokenClassification Combine(string text, IReadOnlyList<TextEncoding> windows, IReadOnlyList<float[]> logits, TokenClassifierOptions options)
    {
        var entities = new List<TextEntity>();
        for (var i = 0; i < windows.Count; i++)
        {
            var groups = _grouping.Group(_reader.Read(text, windows[i], logits[i]), options.Aggregation);
            entities.AddRange(groups.Where(entity => !options.IgnoredLabels.Contains(entity.Label)));
        }

        return new TokenClassification(windows.Count > 1 ? EntityGrouping.Merge(entities) : entities);
    }

    private void RequireLabels(long width)
    {
        if (_labels is not null && _labels.Count != width)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"The model has {_labels.Count} labels, but its graph gives {width} scores a token. Pack it again with one label a score.");
        }
    }

    private TokenClassifierOptions Validated(TokenClassifierOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= TokenClassifierOptions.Default;
        options.Validate();
        return options;
    }
}
