using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Says which of the caller's own labels fit a text: zero-shot-classification over a model of natural language inference, asked of each label
/// whether it follows from the text. Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class ZeroShotClassifier : IPredictor<TextInput, ZeroShotClassifierOptions, ZeroShotClassification>
{
    private readonly TextGraph _graph;
    private readonly LogitsOutput _logits;
    private readonly ZeroShotClassifierSettings _settings;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal ZeroShotClassifier(IModelRunner runner, string graph, ZeroShotClassifierSettings settings, PredictorContext context)
    {
        var signature = runner.Describe(graph);
        _graph = new TextGraph(runner, signature, settings.Model, context);
        _logits = new LogitsOutput(signature);
        _settings = settings;
        RequireClasses(_logits.Classes ?? settings.Labels, InferenceError.InvalidSettings);
    }

    /// <summary>Classifies a text on the caller's thread; one call, however many labels.</summary>
    /// <param name="input">The text; not a pair.</param>
    /// <param name="options">The labels to choose from; not null.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The text is empty (<see cref="InputError.Empty"/>), has with a label more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says how many), or is a pair (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, or a native library is missing.</exception>
    /// <exception cref="ArgumentException">There are no options, no labels, or no place for them in the hypothesis.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<ZeroShotClassification> Predict(TextInput input, ZeroShotClassifierOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return _graph.Predict(input, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Classifies a text on the thread pool; one call, however many labels.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:System.ArgumentException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<ZeroShotClassification>> PredictAsync(TextInput input, ZeroShotClassifierOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return (await _graph.PredictManyAsync([input], Task(options), options.BatchSize, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Classifies many texts on the thread pool, those of about the same length together; results are in the order of the texts. Charged
    /// for as a whole before the first is read: a text that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The texts; may be empty.</param>
    /// <param name="options">The labels to choose from; not null.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<ZeroShotClassification>>> PredictBatchAsync(
        IReadOnlyList<TextInput> inputs, ZeroShotClassifierOptions? options, CancellationToken cancellationToken = default)
    {
        var texts = TextGraph.Copy(inputs);
        options = Validated(options);
        return _graph.PredictManyAsync(texts, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private TextTask<TextInput, (float Entailment, float Contradiction), ZeroShotClassification> Task(ZeroShotClassifierOptions options)
    {
        var encoding = _graph.Encoding(options.Truncation, options.MaxLength);
        string[] hypotheses = [.. options.Labels.Select(label => options.HypothesisTemplate.Replace(ZeroShotClassifierOptions.Place, label, StringComparison.Ordinal))];
        return new(
            input => input.Pair is null
                ? [.. hypotheses.Select(hypothesis => _graph.EncodePair(input.Text, hypothesis, encoding, "text", "hypothesis"))]
                : throw new InputException(InputError.Unsuitable, "A pair of texts can't be classified by labels: the label is the second of each pair. Give a text alone."),
            (call, slot, _) => Read(call, slot),
            (_, _, rows) => Combine(rows, options));
    }

    private (float Entailment, float Contradiction) Read(IModelCall call, int slot)
    {
        var count = _logits.Count(call, slot);
        RequireClasses(count, InferenceError.RunFailed);
        var logits = new float[count];
        _logits.Copy(call, slot, logits);
        FloatOutputs.RequireNumbers(logits, "score");
        return (logits[_settings.Entailment], logits[_settings.Contradiction]);
    }

    private static ZeroShotClassification Combine(IReadOnlyList<(float Entailment, float Contradiction)> rows, ZeroShotClassifierOptions options)
    {
        float[] scores = [.. rows.Select(row => row.Entailment)];
        if (options.MultiLabel || rows.Count == 1)
        {
            // The softmax of two is the sigmoid of their difference.
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] -= rows[i].Contradiction;
            }

            ClassScores.Apply(ScoreFunction.Sigmoid, scores);
        }
        else
        {
            ClassScores.Apply(ScoreFunction.Softmax, scores);
        }

        return new ZeroShotClassification(ClassScores.Best(scores, scores.Length, index => options.Labels[index]));
    }

    private void RequireClasses(long classes, InferenceError error)
    {
        if (classes != _settings.Labels)
        {
            throw new InferenceException(error, $"The model has {_settings.Labels} labels, but its graph gives {classes} classes. Pack it again with one label a class.");
        }
    }

    private ZeroShotClassifierOptions Validated(ZeroShotClassifierOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return options;
    }
}
