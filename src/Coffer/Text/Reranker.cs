using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// Puts documents in the order of how well they answer a query: text-ranking by a cross-encoder, which reads query and document together.
/// Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the predictor.
/// </summary>
public sealed class Reranker : IPredictor<RerankInput, RerankerOptions, Reranking>
{
    private readonly TextGraph _graph;
    private readonly LogitsOutput _logits;
    private readonly ScoreFunction _scores;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graph; stays the caller's.</param>
    /// <param name="graph">The graph's name.</param>
    /// <param name="settings">What the bundle says about the model.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    /// <exception cref="InferenceException">Graph and settings don't fit each other (<see cref="InferenceError.InvalidSettings"/>).</exception>
    internal Reranker(IModelRunner runner, string graph, RerankerSettings settings, PredictorContext context)
    {
        var signature = runner.Describe(graph);
        _graph = new TextGraph(runner, signature, settings.Model, context);
        _logits = new LogitsOutput(signature);
        _scores = settings.Scores;
        RequireOne(_logits.Classes ?? 1, InferenceError.InvalidSettings);
    }

    /// <summary>Ranks a query's documents on the caller's thread; one call, however many documents.</summary>
    /// <param name="input">The query and its documents.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <exception cref="InputException">The query or a document is empty (<see cref="InputError.Empty"/>), or they have more tokens than the model takes (<see cref="InputError.TooLarge"/>; the message says how many).</exception>
    /// <exception cref="InferenceException">The run failed, the model gave a score that is not a number, or a native library is missing.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<Reranking> Predict(RerankInput input, RerankerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return _graph.Predict(input, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Ranks a query's documents on the thread pool; one call, however many documents.</summary>
    /// <inheritdoc cref="Predict" path="/param|/exception[@cref='T:Coffer.Inference.InputException']|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<Reranking>> PredictAsync(RerankInput input, RerankerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        return (await _graph.PredictManyAsync([input], Task(options), options.BatchSize, cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Ranks the documents of many queries on the thread pool, documents of about the same length together; results are in the order of the
    /// queries. Charged for as a whole before the first is read: a query that fails fails the batch.
    /// </summary>
    /// <param name="inputs">The queries with their documents; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<Reranking>>> PredictBatchAsync(
        IReadOnlyList<RerankInput> inputs, RerankerOptions? options = null, CancellationToken cancellationToken = default)
    {
        var queries = TextGraph.Copy(inputs);
        options = Validated(options);
        return _graph.PredictManyAsync(queries, Task(options), options.BatchSize, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private TextTask<RerankInput, float, Reranking> Task(RerankerOptions options)
    {
        var encoding = _graph.Encoding(options.Truncation, options.MaxLength);
        return new(
            input => [.. input.Documents.Select((document, index) => _graph.EncodePair(input.Query, document, encoding, "query", $"document at {index}"))],
            (call, slot, _) => Read(call, slot, options),
            (_, _, scores) => Rank(scores, options.TopK));
    }

    private float Read(IModelCall call, int slot, RerankerOptions options)
    {
        RequireOne(_logits.Count(call, slot), InferenceError.RunFailed);
        Span<float> score = stackalloc float[1];
        _logits.Copy(call, slot, score);
        ClassScores.Apply(options.Scores ?? _scores, score);
        return score[0];
    }

    private static Reranking Rank(IReadOnlyList<float> scores, int? topK)
    {
        var best = ClassScores.Best([.. scores], Math.Min(topK ?? scores.Count, scores.Count), _ => "");
        return new Reranking(Array.ConvertAll(best, entry => new RankedDocument(entry.Index, entry.Score)));
    }

    private static void RequireOne(long classes, InferenceError error)
    {
        if (classes != 1)
        {
            throw new InferenceException(error, $"The model's graph gives {classes} scores a document, and documents are ranked by one. Export a cross-encoder with one label and pack it again.");
        }
    }

    private RerankerOptions Validated(RerankerOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= RerankerOptions.Default;
        options.Validate();
        return options;
    }
}
