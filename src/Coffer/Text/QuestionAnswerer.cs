using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Finds the answer to a question in a text of any length: question-answering, with the scores of transformers' pipeline. Thread-safe. The
/// model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class QuestionAnswerer : IPredictor<QuestionInput, QuestionAnswererOptions, QuestionAnswering>
{
    private const string Remedy = "Export it for question answering and pack it again.";

    // transformers' question-answering pipeline.
    private const int DefaultMaxLength = 384;
    private const int DefaultStride = 128;

    private readonly TextGraph _graph;
    private readonly TokenOutput _start;
    private readonly TokenOutput _end;
    private readonly bool _questionFirst;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal QuestionAnswerer(IModelRunner runner, string graph, TextModelSettings settings, PredictorContext context)
    {
        var signature = runner.Describe(graph);
        _graph = new TextGraph(runner, signature, settings, context);
        _start = new TokenOutput(_graph, Output(signature, "start_logits"), 2, Remedy);
        _end = new TokenOutput(_graph, Output(signature, "end_logits"), 2, Remedy);

        // As transformers: a model that is padded on the left was trained with the text before the question.
        _questionFirst = _graph.Tokenizer.PaddingSide == TokenSide.Right;
    }

    /// <summary>Answers a question on the caller's thread; one call, however long the text.</summary>
    /// <param name="input">The question and the text.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The question or the text is empty (<see cref="InputError.Empty"/>), the question alone has more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says how many), or the stride leaves no room beside it (<see cref="InputError.Unsuitable"/>).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, or a native library is missing.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<QuestionAnswering> Predict(QuestionInput input, QuestionAnswererOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return _graph.Predict(input, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Answers a question on the thread pool; one call, however long the text.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<QuestionAnswering>> PredictAsync(QuestionInput input, QuestionAnswererOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return (await _graph.PredictManyAsync([input], Task(options), options.BatchSize, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Answers many questions on the thread pool, windows of about the same length together; results are in the order of the questions. Charged
    /// for as a whole before the first is read: a question that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The questions with their texts; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<QuestionAnswering>>> PredictBatchAsync(
        IReadOnlyList<QuestionInput> inputs, QuestionAnswererOptions? options = null, CancellationToken cancellationToken = default)
    {
        var questions = TextGraph.Copy(inputs);
        options = Validated(options);
        return _graph.PredictManyAsync(questions, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private TextTask<QuestionInput, AnswerWindow, QuestionAnswering> Task(QuestionAnswererOptions options) => new(
        input => Windows(input, options),
        (call, slot, tokens) => new AnswerWindow(_start.Read(call, slot, tokens, "score"), _end.Read(call, slot, tokens, "score")),
        (input, windows, logits) => Combine(input.Context, windows, logits, options));

    private IReadOnlyList<TextEncoding> Windows(QuestionInput input, QuestionAnswererOptions options)
    {
        var length = _graph.MaxLength(options.MaxLength ?? Math.Min(DefaultMaxLength, _graph.MaxLength(null) ?? DefaultMaxLength))!.Value;
        var encoding = new EncodeOptions
        {
            MaxLength = length,
            Stride = options.Stride ?? Math.Clamp(Room(input, length) - 1, 0, Math.Min(length / 2, DefaultStride)),
            Truncation = _questionFirst ? TruncationStrategy.OnlySecond : TruncationStrategy.OnlyFirst,
        };
        var tokens = _questionFirst
            ? _graph.EncodePair(input.Question, input.Context, encoding, "question", "context")
            : _graph.EncodePair(input.Context, input.Question, encoding, "context", "question");
        return [tokens, .. tokens.Overflowing];
    }

    // The tokens of text that fit beside the question.
    private int Room(QuestionInput input, int length)
    {
        var added = _graph.Tokenizer.EncodePair("", "").Count;
        return length - added - _graph.Tokenizer.CountTokens(input.Question, addSpecialTokens: false);
    }

    private QuestionAnswering Combine(string context, IReadOnlyList<TextEncoding> windows, IReadOnlyList<AnswerWindow> logits, QuestionAnswererOptions options)
    {
        var search = new AnswerSearch(_graph.Tokenizer, _questionFirst ? 1 : 0, options);
        for (var i = 0; i < windows.Count; i++)
        {
            search.Add(context, windows[i], logits[i]);
        }

        return search.Result();
    }

    private static TensorDescription Output(ModelSignature signature, string name) => signature.Outputs.FirstOrDefault(output => output.Name == name)
        ?? throw new InferenceException(InferenceError.InvalidSettings, $"The model's graph has no output named {name}. {Remedy}");

    private QuestionAnswererOptions Validated(QuestionAnswererOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= QuestionAnswererOptions.Default;
        options.Validate();
        return options;
    }
}
