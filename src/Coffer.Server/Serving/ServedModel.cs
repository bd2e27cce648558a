using Coffer.Inference;
using Coffer.Remote;

namespace Coffer.Server;

/// <summary>
/// A model that is open: runs calls under its license, and closes once the last has ended. Thread-safe.
/// </summary>
/// <param name="name">The last part of the bundle's id.</param>
/// <param name="version">The bundle's semantic version.</param>
/// <param name="sequence">The bundle's sequence, which is its version for protocols that number them.</param>
/// <param name="graphs">The names of its graphs, the main one first.</param>
/// <param name="runner">Runs them.</param>
/// <param name="context">Charges for calls, and bounds how many run at once.</param>
/// <param name="owner">What is disposed at the end.</param>
internal sealed class ServedModel(string name, string version, long sequence, IReadOnlyList<string> graphs, IModelRunner runner, PredictorContext context, IDisposable owner)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private bool _closing;

    public string Name { get; } = name;

    public string Version { get; } = version;

    public long Sequence { get; } = sequence;

    public IReadOnlyList<string> Graphs { get; } = graphs;

    public static ServedModel Of(ProtectedModel model)
    {
        var (runner, context, graphs) = model.TensorPath();
        var served = new ServedModel(ModelName(model.Manifest.Id), model.Manifest.Version.ToString(), model.Manifest.Sequence, graphs, runner, context, model);

        // Loads them: a model that is ready answers its first call as fast as the next.
        foreach (var graph in graphs)
        {
            _ = runner.Describe(graph);
        }

        return served;
    }

    public static string ModelName(string id) => id[(id.LastIndexOf('/') + 1)..];

    public ModelSignature Describe(string graph) => runner.Describe(graph);

    /// <summary>Runs a graph once, and reads what the caller wants of it before the call's tensors go to the next.</summary>
    /// <exception cref="Bundles.LicenseException">The license refuses the call.</exception>
    /// <exception cref="InferenceException">The inputs are not what the graph takes, or it failed.</exception>
    public async ValueTask<T> RunAsync<T>(string graph, IReadOnlyList<RemoteTensor> inputs, Func<IModelCall, ModelSignature, T> read, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            var signature = runner.Describe(graph);
            using var slot = await context.EnterAsync(cancellationToken).ConfigureAwait(false);
            using var scope = context.Begin(signature, 1);
            using var call = runner.Rent(graph);
            foreach (var input in inputs)
            {
                TensorTransfer.Write(call, input);
            }

            await call.RunFromPoolAsync(signature.Capabilities, cancellationToken).ConfigureAwait(false);
            return read(call, signature);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Lets the calls under way end, then closes the model. New ones are refused.</summary>
    public async Task CloseAsync()
    {
        lock (_gate)
        {
            _closing = true;
            if (_calls == 0)
            {
                _ended.TrySetResult();
            }
        }

        await _ended.Task.ConfigureAwait(false);
        owner.Dispose();
    }

    private void Enter()
    {
        lock (_gate)
        {
            if (_closing)
            {
                throw ServingException.NotReady($"Model '{Name}' {Version} is being unloaded.");
            }

            _calls++;
        }
    }

    private void Exit()
    {
        lock (_gate)
        {
            if (--_calls == 0 && _closing)
            {
                _ended.TrySetResult();
            }
        }
    }
}
