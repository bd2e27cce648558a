using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Runs a graph over texts, one or many: charges, tokenizes, puts texts of about the same length into one run, and hands results back in
/// the order of the texts. What every predictor that reads whole texts stands on.
/// </summary>
internal sealed class TextGraph
{
    private readonly IModelRunner _runner;
    private readonly PredictorContext _context;
    private readonly TextInputBinding _input;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="signature">The graph's.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public TextGraph(IModelRunner runner, ModelSignature signature, TextModelSettings settings, PredictorContext context)
    {
        _runner = runner;
        _context = context;
        Signature = signature;
        _input = new TextInputBinding(signature, settings);
    }

    /// <summary>Reads a text's result from a call that has run.</summary>
    /// <param name="call">The call.</param>
    /// <param name="slot">The text's row.</param>
    /// <param name="encoding">The text's tokens, without padding.</param>
    public delegate T Read<T>(IModelCall call, int slot, TextEncoding encoding);

    public ModelSignature Signature { get; }

    /// <summary>How texts become tokens, with the model's limit where the options name none.</summary>
    public EncodeOptions Encoding(TruncationStrategy truncation, int? maxLength) => new() { Truncation = truncation, MaxLength = _input.MaxLength(maxLength) };

    /// <summary>Predicts for one text on the caller's thread.</summary>
    public Prediction<T> Predict<T>(TextInput input, EncodeOptions options, Read<T> read, CancellationToken cancellationToken)
    {
        if (!Signature.Capabilities.Synchronous)
        {
            throw new NotSupportedException($"The model runs on {Signature.ExecutionProvider}, which has no synchronous calls. Use PredictAsync.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var scope = _context.Begin(Signature, 1);
        var encoding = _input.Encode(input, options);
        using var call = _runner.Rent(Signature.Graph);
        _input.Write(call, [encoding]);
        call.Run(cancellationToken);
        return scope.Predict(read(call, 0, encoding));
    }

    /// <summary>Predicts for texts on the thread pool.</summary>
    public async Task<IReadOnlyList<Prediction<T>>> PredictManyAsync<T>(
        TextInput[] inputs, EncodeOptions options, int batchSize, Read<T> read, CancellationToken cancellationToken)
    {
        using var slot = await _context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => RunAsync(inputs, options, batchSize, read, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Prediction<T>>> RunAsync<T>(
        TextInput[] inputs, EncodeOptions options, int batchSize, Read<T> read, CancellationToken cancellationToken)
    {
        using var scope = _context.Begin(Signature, inputs.Length);
        var encodings = new TextEncoding[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encodings[i] = _input.Encode(inputs[i], options);
        }

        var results = new T[inputs.Length];
        foreach (var places in _input.Plan(encodings, batchSize))
        {
            using var call = _runner.Rent(Signature.Graph);
            _input.Write(call, Array.ConvertAll(places, place => encodings[place]));
            await call.RunFromPoolAsync(Signature.Capabilities, cancellationToken).ConfigureAwait(false);

            for (var slot = 0; slot < places.Length; slot++)
            {
                results[places[slot]] = read(call, slot, encodings[places[slot]]);
            }
        }

        return Array.ConvertAll(results, result => scope.Predict(result));
    }
}
