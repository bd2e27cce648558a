using System.Collections.Concurrent;
using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer.Testing;

/// <summary>
/// A model runner without a model: graphs are delegates. Checks names, types, shapes and order of use as the real runners do,
/// and records every run. Needs no bundle and no native library. Thread-safe.
/// </summary>
/// <param name="graphs">The graphs.</param>
public sealed class FakeModelRunner(params IReadOnlyList<FakeGraph> graphs) : IModelRunner
{
    private readonly ConcurrentQueue<FakeRun> _runs = new();
    private volatile bool _disposed;

    /// <summary>What the runner says that it can do. Default: everything. Without <c>Synchronous</c> it behaves as a remote runner.</summary>
    public RunnerCapabilities Capabilities { get; init; } = new(Synchronous: true, Carry: true);

    /// <summary>Where the runner says that it runs. Default: in this process.</summary>
    public ExecutionTarget Target { get; init; } = ExecutionTarget.Local;

    /// <summary>What the runner says that it runs on. Default <c>Fake</c>.</summary>
    public string ExecutionProvider { get; init; } = "Fake";

    /// <summary>The runs so far, oldest first; also those that failed.</summary>
    public IReadOnlyList<FakeRun> Runs => [.. _runs];

    /// <inheritdoc/>
    public ModelSignature Describe(string graph)
    {
        var found = Find(graph);
        return new ModelSignature(found.Name, found.Inputs, found.Outputs, Capabilities, Target, ExecutionProvider);
    }

    /// <inheritdoc/>
    public IModelCall Rent(string graph)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new FakeModelCall(Find(graph), Capabilities, _runs.Enqueue);
    }

    /// <inheritdoc/>
    public void Dispose() => _disposed = true;

    private FakeGraph Find(string graph) => graphs.FirstOrDefault(candidate => candidate.Name == graph) ?? throw new InferenceException(
        InferenceError.UnknownGraph,
        $"The model has no graph '{graph}'. It has {string.Join(", ", graphs.Select(candidate => $"'{candidate.Name}'"))}.");
}
