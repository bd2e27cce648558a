using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>
/// Says what a picture shows: image-classification. Pictures are prepared as the model's preprocessor_config.json says, with
/// Pillow's numbers. Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class ImageClassifier : IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>
{
    private readonly IModelRunner _runner;
    private readonly PredictorContext _context;
    private readonly ModelSignature _signature;
    private readonly ImageInputBinding _input;
    private readonly ClassifierOutput _output;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal ImageClassifier(IModelRunner runner, string graph, ImageClassifierSettings settings, PredictorContext context)
    {
        _runner = runner;
        _context = context;
        _signature = runner.Describe(graph);
        _input = new ImageInputBinding(_signature, settings.Preprocessor);
        _output = new ClassifierOutput(_signature, settings.Classes);
    }

    /// <summary>Classifies a picture on the caller's thread.</summary>
    /// <param name="input">The picture.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The picture can't be read, is damaged or too large.</exception>
    /// <exception cref="InferenceException">The run failed, or a native library is missing.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<ImageClassification> Predict(ImageInput input, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        if (!_signature.Capabilities.Synchronous)
        {
            throw new NotSupportedException($"The model runs on {_signature.ExecutionProvider}, which has no synchronous calls. Use {nameof(PredictAsync)}.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var scope = _context.Begin(_signature, 1);
        using var call = _runner.Rent(_signature.Graph);
        _input.Write(call, [input], options.Decoding, options.Limits, cancellationToken);
        call.Run(cancellationToken);
        return scope.Predict(Read(call, 0, options));
    }

    /// <summary>Classifies a picture on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<ImageClassification>> PredictAsync(
        ImageInput input, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (await PredictManyAsync([input], Validated(options), cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Classifies many pictures on the thread pool, several in one run where the graph's batch is free
    /// (<see cref="ImageClassifierOptions.BatchSize"/>). Charged for as a whole before the first is read: a picture that fails
    /// fails the batch.
    /// </summary>
    /// <param name="inputs">The pictures; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<ImageClassification>>> PredictBatchAsync(
        IReadOnlyList<ImageInput> inputs, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ImageInput[] pictures = [.. inputs];
        if (Array.IndexOf(pictures, null) is >= 0 and var index)
        {
            throw new ArgumentException($"The picture at {index} is null.", nameof(inputs));
        }

        options = Validated(options);
        return pictures.Length == 0 ? Task.FromResult<IReadOnlyList<Prediction<ImageClassification>>>([]) : PredictManyAsync(pictures, options, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private async Task<IReadOnlyList<Prediction<ImageClassification>>> PredictManyAsync(
        ImageInput[] inputs, ImageClassifierOptions options, CancellationToken cancellationToken)
    {
        using var slot = await _context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => RunAsync(inputs, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Prediction<ImageClassification>>> RunAsync(
        ImageInput[] inputs, ImageClassifierOptions options, CancellationToken cancellationToken)
    {
        using var scope = _context.Begin(_signature, inputs.Length);
        var results = new ImageClassification[inputs.Length];
        var batch = _input.BatchSize(options.BatchSize);
        for (var first = 0; first < inputs.Length; first += batch)
        {
            var count = Math.Min(batch, inputs.Length - first);
            using var call = _runner.Rent(_signature.Graph);
            _input.Write(call, inputs.AsSpan(first, count), options.Decoding, options.Limits, cancellationToken);
            await call.RunFromPoolAsync(_signature.Capabilities, cancellationToken).ConfigureAwait(false);

            for (var slot = 0; slot < count; slot++)
            {
                results[first + slot] = Read(call, slot, options);
            }
        }

        return Array.ConvertAll(results, result => scope.Predict(result));
    }

    private ImageClassification Read(IModelCall call, int slot, ImageClassifierOptions options) =>
        new(_output.Read(call, slot, options.TopK, options.Scores));

    private ImageClassifierOptions Validated(ImageClassifierOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= ImageClassifierOptions.Default;
        options.Validate();
        return options;
    }
}
