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
        Tokenizer = settings.Tokenizer;
        _input = new TextInputBinding(signature, settings);
    }

    /// <summary>Reads a text's result from a call that has run.</summary>
    /// <param name="call">The call.</param>
    /// <param name="slot">The text's row.</param>
    /// <param name="encoding">The text's tokens, without padding.</param>
    public delegate T Read<T>(IModelCall call, int slot, TextEncoding encoding);

    public ModelSignature Signature { get; }

    public Tokenizer Tokenizer { get; }

    public string? ModelId => _context.ModelId;

    /// <summary>The inputs of a batch, which none may be missing of.</summary>
    public static T[] Copy<T>(IReadOnlyList<T> inputs)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(inputs);
        T[] copy = [.. inputs];
        return Array.IndexOf(copy, null) is >= 0 and var index ? throw new ArgumentException($"The input at {index} is null.", nameof(inputs)) : copy;
    }

    /// <summary>The most tokens that an input may have, special ones included; null for no limit.</summary>
    /// <param name="asked">What the caller's options say; null for what the model says.</param>
    public int? MaxLength(int? asked) => _input.MaxLength(asked);

    /// <summary>How texts become tokens, with the model's limit where the options name none.</summary>
    public EncodeOptions Encoding(TruncationStrategy truncation, int? maxLength) => new() { Truncation = truncation, MaxLength = _input.MaxLength(maxLength) };

    /// <inheritdoc cref="TextInputBinding.Encode"/>
    public TextEncoding Encode(TextInput input, EncodeOptions options) => _input.Encode(input, options);

    /// <summary>Turns a pair into tokens, neither of which may be empty.</summary>
    /// <exception cref="InputException">One of the texts is empty, or they are too long.</exception>
    public TextEncoding EncodePair(string first, string second, EncodeOptions options, string firstName, string secondName)
    {
        var encoding = _input.Encode(new TextInput(first, second), options);
        RequireText(encoding, 0, firstName);
        RequireText(encoding, 1, secondName);
        return encoding;
    }

    /// <inheritdoc cref="TextInputBinding.FirstToken"/>
    public int FirstToken(long length, TextEncoding encoding) => _input.FirstToken(length, encoding);

    /// <summary>A text is a row.</summary>
    public TextTask<TextInput, T, T> Each<T>(EncodeOptions options, Read<T> read) => new(input => [_input.Encode(input, options)], read, (_, _, rows) => rows[0]);

    /// <summary>Predicts for one text on the caller's thread.</summary>
    public Prediction<T> Predict<T>(TextInput input, EncodeOptions options, Read<T> read, CancellationToken cancellationToken) =>
        Predict(input, Each(options, read), 1, cancellationToken);

    /// <summary>Predicts for one input, of one row or several, on the caller's thread.</summary>
    public Prediction<TResult> Predict<TInput, TRow, TResult>(TInput input, TextTask<TInput, TRow, TResult> task, int batchSize, CancellationToken cancellationToken)
    {
        if (!Signature.Capabilities.Synchronous)
        {
            throw new NotSupportedException($"The model runs on {Signature.ExecutionProvider}, which has no synchronous calls. Use PredictAsync.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var scope = _context.Begin(Signature, 1);
        using var observed = task.Dimensions is null ? null : GenAiCall.BeginEmbedding(scope, ModelId);
        try
        {
            TextEncoding[] rows = [.. task.Encode(input)];
            var results = new TRow[rows.Length];
            foreach (var places in Plan(rows, batchSize))
            {
                using var call = Rent(rows, places);
                call.Run(cancellationToken);
                ReadAll(call, rows, places, task.Read, results);
            }

            observed?.Embedded(rows.Sum(row => row.Count), task.Dimensions!(results[0]));
            return scope.Predict(task.Combine(input, rows, results));
        }
        catch (Exception e) when (observed is not null)
        {
            observed.Failed(e);
            throw;
        }
    }

    /// <summary>Predicts for texts on the thread pool.</summary>
    public Task<IReadOnlyList<Prediction<T>>> PredictManyAsync<T>(
        TextInput[] inputs, EncodeOptions options, int batchSize, Read<T> read, CancellationToken cancellationToken) =>
        PredictManyAsync(inputs, Each(options, read), batchSize, cancellationToken);

    /// <summary>Predicts for inputs, of one row or several each, on the thread pool.</summary>
    public async Task<IReadOnlyList<Prediction<TResult>>> PredictManyAsync<TInput, TRow, TResult>(
        TInput[] inputs, TextTask<TInput, TRow, TResult> task, int batchSize, CancellationToken cancellationToken)
    {
        if (inputs.Length == 0)
        {
            return [];
        }

        using var slot = await _context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => RunAsync(inputs, task, batchSize, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Prediction<TResult>>> RunAsync<TInput, TRow, TResult>(
        TInput[] inputs, TextTask<TInput, TRow, TResult> task, int batchSize, CancellationToken cancellationToken)
    {
        using var scope = _context.Begin(Signature, inputs.Length);
        using var observed = task.Dimensions is null ? null : GenAiCall.BeginEmbedding(scope, ModelId);
        try
        {
            return await RunAsync(scope, observed, inputs, task, batchSize, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (observed is not null)
        {
            observed.Failed(e);
            throw;
        }
    }

    private async Task<IReadOnlyList<Prediction<TResult>>> RunAsync<TInput, TRow, TResult>(
        PredictionScope scope, GenAiCall? observed, TInput[] inputs, TextTask<TInput, TRow, TResult> task, int batchSize, CancellationToken cancellationToken)
    {
        var encoded = new IReadOnlyList<TextEncoding>[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            encoded[i] = task.Encode(inputs[i]);
        }

        TextEncoding[] rows = [.. encoded.SelectMany(encodings => encodings)];
        var results = new TRow[rows.Length];
        foreach (var places in Plan(rows, batchSize))
        {
            using var call = Rent(rows, places);
            await call.RunFromPoolAsync(Signature.Capabilities, cancellationToken).ConfigureAwait(false);
            ReadAll(call, rows, places, task.Read, results);
        }

        observed?.Embedded(rows.Sum(row => row.Count), task.Dimensions!(results[0]));
        var predictions = new Prediction<TResult>[inputs.Length];
        var first = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            predictions[i] = scope.Predict(task.Combine(inputs[i], encoded[i], new ArraySegment<TRow>(results, first, encoded[i].Count)));
            first += encoded[i].Count;
        }

        return predictions;
    }

    private static void RequireText(TextEncoding encoding, int sequence, string name)
    {
        if (!encoding.SequenceIds.Span.Contains(sequence) && !encoding.Overflowing.Any(window => window.SequenceIds.Span.Contains(sequence)))
        {
            throw TextInputBinding.Empty(name);
        }
    }

    private List<int[]> Plan(TextEncoding[] rows, int batchSize) => rows.Length == 1 ? [[0]] : _input.Plan(rows, batchSize);

    private IModelCall Rent(TextEncoding[] rows, int[] places)
    {
        var call = _runner.Rent(Signature.Graph);
        try
        {
            _input.Write(call, Array.ConvertAll(places, place => rows[place]));
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private static void ReadAll<TRow>(IModelCall call, TextEncoding[] rows, int[] places, Read<TRow> read, TRow[] results)
    {
        for (var slot = 0; slot < places.Length; slot++)
        {
            results[places[slot]] = read(call, slot, rows[places[slot]]);
        }
    }
}
