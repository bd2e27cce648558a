using Coffer.Inference;

namespace Coffer.Tensors;

/// <summary>
/// Runs any model: named tensors in, named tensors out, without pre- or post-processing. The way out for every model that has
/// no predictor of its own. Thread-safe. The model that made it owns what it runs on; disposing the predictor ends only the
/// predictor.
/// </summary>
public sealed class TensorPredictor : IPredictor<IReadOnlyDictionary<string, Tensor>, TensorPredictorOptions, IReadOnlyDictionary<string, Tensor>>
{
    private readonly IModelRunner _runner;
    private readonly PredictorContext _context;
    private volatile bool _disposed;

    /// <param name="runner">Runs the graphs; stays the caller's.</param>
    /// <param name="graphs">The names of the graphs; at least one.</param>
    /// <param name="context">Charges for calls; stays the caller's.</param>
    internal TensorPredictor(IModelRunner runner, IReadOnlyList<string> graphs, PredictorContext context)
    {
        _runner = runner;
        _context = context;
        Graphs = graphs;
    }

    /// <summary>The names of the model's graphs.</summary>
    public IReadOnlyList<string> Graphs { get; }

    /// <summary>What a graph takes and gives. Loads it.</summary>
    /// <param name="graph">The graph's name; null for the only one.</param>
    /// <exception cref="InferenceException">There is no such graph, or it can't be loaded.</exception>
    public ModelSignature Describe(string? graph = null) => _runner.Describe(Choose(graph));

    /// <summary>Runs a graph on the caller's thread.</summary>
    /// <param name="input">A tensor for each input of the graph, by name. Row-major; element types and shapes as
    /// <see cref="Describe"/> says.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="InferenceException">A name, type or shape is not one that the graph takes, or the run failed.</exception>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="NotSupportedException">The model runs where it can't be waited for; use <see cref="PredictAsync"/>.</exception>
    public Prediction<IReadOnlyDictionary<string, Tensor>> Predict(
        IReadOnlyDictionary<string, Tensor> input, TensorPredictorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        options = Validated(options);
        var signature = DescribeFor(options);
        if (!signature.Capabilities.Synchronous)
        {
            throw new NotSupportedException($"The model runs on {signature.ExecutionProvider}, which has no synchronous calls. Use {nameof(PredictAsync)}.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var scope = _context.Begin(signature, 1);
        using var call = _runner.Rent(signature.Graph);
        Write(call, input);
        call.Run(cancellationToken);
        return scope.Predict<IReadOnlyDictionary<string, Tensor>>(Read(call, signature, options));
    }

    /// <summary>Runs a graph on the thread pool.</summary>
    /// <inheritdoc cref="Predict" path="/param|/returns|/exception[@cref='T:Coffer.Inference.InferenceException']|/exception[@cref='T:Coffer.Bundles.LicenseException']"/>
    public async Task<Prediction<IReadOnlyDictionary<string, Tensor>>> PredictAsync(
        IReadOnlyDictionary<string, Tensor> input, TensorPredictorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (await PredictManyAsync([input], Validated(options), cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>Runs a graph on the thread pool, once for each input. Charged for as a whole: an input that fails fails the batch.</summary>
    /// <param name="inputs">For each run, a tensor for each input of the graph; may be empty.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Stops a running model; the predictor stays usable.</param>
    /// <inheritdoc cref="PredictAsync" path="/exception"/>
    public Task<IReadOnlyList<Prediction<IReadOnlyDictionary<string, Tensor>>>> PredictBatchAsync(
        IReadOnlyList<IReadOnlyDictionary<string, Tensor>> inputs, TensorPredictorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        IReadOnlyDictionary<string, Tensor>[] runs = [.. inputs];
        if (Array.IndexOf(runs, null) is >= 0 and var index)
        {
            throw new ArgumentException($"The input at {index} is null.", nameof(inputs));
        }

        options = Validated(options);
        return runs.Length == 0
            ? Task.FromResult<IReadOnlyList<Prediction<IReadOnlyDictionary<string, Tensor>>>>([])
            : PredictManyAsync(runs, options, cancellationToken);
    }

    /// <summary>Ends the predictor; the model stays open. Calls in progress finish.</summary>
    public void Dispose() => _disposed = true;

    private async Task<IReadOnlyList<Prediction<IReadOnlyDictionary<string, Tensor>>>> PredictManyAsync(
        IReadOnlyDictionary<string, Tensor>[] inputs, TensorPredictorOptions options, CancellationToken cancellationToken)
    {
        using var slot = await _context.EnterAsync(cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => RunAsync(inputs, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<Prediction<IReadOnlyDictionary<string, Tensor>>>> RunAsync(
        IReadOnlyDictionary<string, Tensor>[] inputs, TensorPredictorOptions options, CancellationToken cancellationToken)
    {
        var signature = DescribeFor(options);
        using var scope = _context.Begin(signature, inputs.Length);
        var results = new IReadOnlyDictionary<string, Tensor>[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            using var call = _runner.Rent(signature.Graph);
            Write(call, inputs[i]);
            await call.RunFromPoolAsync(signature.Capabilities, cancellationToken).ConfigureAwait(false);

            results[i] = Read(call, signature, options);
        }

        return Array.ConvertAll(results, result => scope.Predict(result));
    }

    /// <summary>Checks the outputs' names before anything is charged for.</summary>
    private ModelSignature DescribeFor(TensorPredictorOptions options)
    {
        var signature = Describe(options.Graph);
        var unknown = options.Outputs?.FirstOrDefault(name => signature.Outputs.All(output => output.Name != name));
        return unknown is null ? signature : throw new InferenceException(
            InferenceError.UnknownTensor,
            $"Graph '{signature.Graph}' has no output '{unknown}'. It has {string.Join(", ", signature.Outputs.Select(output => $"'{output.Name}'"))}.");
    }

    private static void Write(IModelCall call, IReadOnlyDictionary<string, Tensor> input)
    {
        foreach (var (name, tensor) in input)
        {
            tensor.WriteTo(call, name);
        }
    }

    private static Dictionary<string, Tensor> Read(IModelCall call, ModelSignature signature, TensorPredictorOptions options)
    {
        var results = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var output in signature.Outputs)
        {
            if (options.Outputs is null || options.Outputs.Contains(output.Name))
            {
                results.Add(output.Name, Tensor.ReadFrom(call, output));
            }
        }

        return results;
    }

    private string Choose(string? graph) => graph ?? (Graphs.Count == 1 ? Graphs[0] : throw new InferenceException(
        InferenceError.UnknownGraph,
        $"The model has several graphs: {string.Join(", ", Graphs.Select(name => $"'{name}'"))}. Name one in {nameof(TensorPredictorOptions)}.{nameof(TensorPredictorOptions.Graph)}."));

    private TensorPredictorOptions Validated(TensorPredictorOptions? options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= TensorPredictorOptions.Default;
        options.Validate();
        return options;
    }
}
