using Coffer.Inference;
using Coffer.Tensors;

namespace Coffer.Testing;

/// <summary>A call of a <see cref="FakeModelRunner"/>.</summary>
internal sealed class FakeModelCall(FakeGraph graph, RunnerCapabilities capabilities, Action<FakeRun> record) : IModelCall
{
    private readonly Dictionary<string, Func<Tensor>> _inputs = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, Tensor>? _outputs;
    private bool _disposed;

    public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
    {
        var input = FindInput(name);
        TensorChecks.RequireType<T>(graph.Name, "Input", input);
        var elements = new T[TensorChecks.RequireShape(graph.Name, input, shape)];
        if (elements is string[] strings)
        {
            Array.Fill(strings, "");
        }

        var dimensions = shape.ToArray();
        // Read when the call runs, since the caller writes in place; copied, since he may write again.
        _inputs[name] = () => Tensor.Create((T[])elements.Clone(), dimensions);
        return elements;
    }

    public ReadOnlySpan<T> Output<T>(string name)
    {
        var output = FindOutput(name);
        var tensor = Read(name);
        TensorChecks.RequireType<T>(graph.Name, "Output", output);
        return tensor.AsSpan<T>();
    }

    public ReadOnlySpan<long> OutputShape(string name)
    {
        _ = FindOutput(name);
        return Read(name).Shape;
    }

    public void Carry(string output, string input)
    {
        if (!capabilities.Carry)
        {
            throw new InferenceException(InferenceError.NotCapable, $"This runner can't carry '{output}' to '{input}': its capabilities say so.");
        }

        var from = FindOutput(output);
        var to = FindInput(input);
        var tensor = Read(output);
        TensorChecks.RequireSameType(graph.Name, from, to);
        TensorChecks.RequireShape(graph.Name, to, tensor.Shape);
        _inputs[input] = () => tensor;
    }

    public void Run(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(IModelCall));
        if (!capabilities.Synchronous)
        {
            throw new NotSupportedException($"This runner has no synchronous calls. Use {nameof(RunAsync)}.");
        }

        RunGraph(cancellationToken);
    }

    public async ValueTask RunAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(IModelCall));
        await Task.Run(() => RunGraph(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _disposed = true;

    private void RunGraph(CancellationToken cancellationToken)
    {
        _outputs = null;
        cancellationToken.ThrowIfCancellationRequested();
        var missing = graph.Inputs.FirstOrDefault(input => !_inputs.ContainsKey(input.Name));
        if (missing is not null)
        {
            throw new InferenceException(InferenceError.InvalidCall, $"Input '{missing}' of graph '{graph.Name}' was not written. Call Input for it before Run.");
        }

        var inputs = _inputs.ToDictionary(input => input.Key, input => input.Value(), StringComparer.Ordinal);
        record(new FakeRun(graph.Name, inputs));
        var outputs = graph.Run(inputs);
        foreach (var output in graph.Outputs)
        {
            RequireOutput(output, outputs);
        }

        _outputs = outputs;
    }

    /// <summary>A mistake in the test's own delegate: said at once, rather than as a strange failure of the code under test.</summary>
    private void RequireOutput(TensorDescription output, IReadOnlyDictionary<string, Tensor> outputs)
    {
        if (!outputs.TryGetValue(output.Name, out var tensor) || tensor.ElementType != output.ElementType)
        {
            throw new InvalidOperationException($"The delegate of graph '{graph.Name}' must give output '{output}', but gave {(tensor is null ? "none of that name" : tensor)}.");
        }
    }

    private TensorDescription FindInput(string name) => Find(graph.Inputs, "input", name);

    private TensorDescription FindOutput(string name) => Find(graph.Outputs, "output", name);

    private TensorDescription Find(IReadOnlyList<TensorDescription> tensors, string kind, string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(IModelCall));
        return tensors.FirstOrDefault(tensor => tensor.Name == name) ?? throw new InferenceException(
            InferenceError.UnknownTensor,
            $"Graph '{graph.Name}' has no {kind} '{name}'. It has {string.Join(", ", tensors.Select(tensor => $"'{tensor.Name}'"))}.");
    }

    private Tensor Read(string name) => (_outputs ?? throw new InferenceException(
        InferenceError.InvalidCall,
        $"Output '{name}' of graph '{graph.Name}' can't be read: nothing has run yet, or the last run failed. Call Run first."))[name];
}
