using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Says what a text is about, or how it is meant: text-classification, of one label or several, of a text or a pair. Thread-safe. The
/// model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class TextClassifier : IPredictor<TextInput, TextClassifierOptions, TextClassification>
{
    private readonly TextGraph _graph;
    private readonly ClassifierOutput _output;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal TextClassifier(IModelRunner runner, string graph, TextClassifierSettings settings, PredictorContext context)
    {
        var signature = runner.Describe(graph);
        _graph = new TextGraph(runner, signature, settings.Model, context);
        _output = new ClassifierOutput(signature, settings.Classes);
    }

    /// <summary>Classifies a text on the caller's thread.</summary>
    /// <param name="input">The text.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), or has more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says how many).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, or a native library is missing.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<TextClassification> Predict(TextInput input, TextClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return _graph.Predict(input, Encoding(options), Reader(options), cancellationToken);
    }

    /// <summary>Classifies a text on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<TextClassification>> PredictAsync(
        TextInput input, TextClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return (await _graph.PredictManyAsync([input], Encoding(options), options.BatchSize, Reader(options), cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Classifies many texts on the thread pool, several in one run (<see cref="TextClassifierOptions.BatchSize"/>), texts of about the same
    /// length together; results are in the order of the texts. Charged for as a whole before the first is read: a text that fails
    /// fails the batch.
    /// </summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<TextClassification>>> PredictBatchAsync(
        IReadOnlyList<TextInput> inputs, TextClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = TextGraph.Copy(inputs);
        options = Validated(options);
        return _graph.PredictManyAsync(texts, Encoding(options), options.BatchSize, Reader(options), cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private EncodeOptions Encoding(TextClassifierOptions options) => _graph.Encoding(options.Truncation, options.MaxLength);

    private TextGraph.Read<TextClassification> Reader(TextClassifierOptions options) => (call, slot, _) =>
    {
        var classes = _output.Read(call, slot, options.TopK, options.Scores);
        return new TextClassification(classes[0], options.Threshold is { } threshold ? [.. classes.TakeWhile(entry => entry.Score >= threshold)] : classes);
    };

    private TextClassifierOptions Validated(TextClassifierOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= TextClassifierOptions.Default;
        options.Validate();
        return options;
    }
}
