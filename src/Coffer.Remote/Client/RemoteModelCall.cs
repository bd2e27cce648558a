using Coffer.Inference;

namespace Coffer.Remote;

/// <summary>A rented call of a graph on an endpoint. Pooled by the graph.</summary>
internal sealed class RemoteModelCall : IModelCall
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Disposed = 2;
    private const int DisposedWhileRunning = 3;

    private readonly RemoteGraph _graph;
    private int _state;
    private bool _ready;

    public RemoteModelCall(RemoteGraph graph)
    {
        _graph = graph;
        Inputs = [.. graph.Signature.Inputs.Select(input => new RemoteTensor(graph.Signature.Graph, "Input", input))];
        Outputs = [.. graph.Signature.Outputs.Select(output => new RemoteTensor(graph.Signature.Graph, "Output", output))];
    }

    public RemoteTensor[] Inputs { get; }

    public RemoteTensor[] Outputs { get; }

    public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
    {
        ThrowUnlessIdle();
        return Inputs[_graph.FindInput(name)].Write<T>(shape);
    }

    public ReadOnlySpan<T> Output<T>(string name)
    {
        ThrowUnlessIdle();
        return ReadyOutput(name).Read<T>();
    }

    public ReadOnlySpan<long> OutputShape(string name)
    {
        ThrowUnlessIdle();
        return ReadyOutput(name).Shape;
    }

    public void Carry(string output, string input)
    {
        ThrowUnlessIdle();
        throw new InferenceException(
            InferenceError.NotCapable,
            $"Output '{output}' of graph '{_graph.Signature.Graph}' can't be carried to input '{input}': the graph runs on {RemoteFailures.Name(_graph.Endpoint)}, which keeps no state between calls. Run the model on this device, or copy from Output to Input.");
    }

    public void Run(CancellationToken cancellationToken = default)
    {
        ThrowUnlessIdle();
        throw new NotSupportedException($"Graph '{_graph.Signature.Graph}' runs on an endpoint, which has no synchronous calls. Use {nameof(RunAsync)}, or the predictor's PredictAsync.");
    }

    public async ValueTask RunAsync(CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            Prepare();
            await _graph.RunAsync(this, cancellationToken).ConfigureAwait(false);
            _ready = true;
        }
        catch
        {
            // A request that was given up is taken back in its own time.
            foreach (var input in Inputs)
            {
                input.Detach();
            }

            throw;
        }
        finally
        {
            Exit();
        }
    }

    public void Dispose()
    {
        // A run in flight ends first: its memory is in use.
        if (Interlocked.CompareExchange(ref _state, DisposedWhileRunning, Running) != Running
            && Interlocked.CompareExchange(ref _state, Disposed, Idle) == Idle)
        {
            Return();
        }
    }

    /// <summary>The graph rents it out again.</summary>
    public void Reopen() => Volatile.Write(ref _state, Idle);

    private void Prepare()
    {
        _ready = false;
        foreach (var output in Outputs)
        {
            output.Forget();
        }

        foreach (var input in Inputs)
        {
            if (!input.IsFilled)
            {
                throw new InferenceException(InferenceError.InvalidCall, $"Input '{input.Description}' of graph '{_graph.Signature.Graph}' was not written. Call Input for it before Run.");
            }
        }
    }

    private RemoteTensor ReadyOutput(string name)
    {
        var output = Outputs[_graph.FindOutput(name)];
        return _ready ? output : throw new InferenceException(
            InferenceError.InvalidCall,
            $"Output '{name}' of graph '{_graph.Signature.Graph}' can't be read: nothing has run yet, or the last run failed. Call Run first.");
    }

    private void Enter()
    {
        // Again where a run ended between the two looks.
        while (Interlocked.CompareExchange(ref _state, Running, Idle) != Idle)
        {
            ThrowUnlessIdle();
        }
    }

    private void Exit()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Running) == DisposedWhileRunning)
        {
            Volatile.Write(ref _state, Disposed);
            Return();
        }
    }

    private void Return()
    {
        _ready = false;
        foreach (var tensor in Inputs.Concat(Outputs))
        {
            tensor.Forget();
        }

        _graph.Return(this);
    }

    private void ThrowUnlessIdle()
    {
        var state = Volatile.Read(ref _state);
        if (state != Idle)
        {
            ObjectDisposedException.ThrowIf(state != Running, typeof(IModelCall));
            throw new InferenceException(InferenceError.InvalidCall, $"A run of graph '{_graph.Signature.Graph}' is under way in this call. Await it first, or rent another call for another thread.");
        }
    }
}
