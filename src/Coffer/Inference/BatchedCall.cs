namespace Coffer.Inference;

/// <summary>A rented call whose runs may be shared with others'. Pooled by the queue.</summary>
internal sealed class BatchedCall : IModelCall
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Disposed = 2;
    private const int DisposedWhileRunning = 3;

    private readonly BatchQueue _queue;
    private BatchMember _member;
    private int _state;

    public BatchedCall(BatchQueue queue)
    {
        _queue = queue;
        _member = new BatchMember(queue, this);
    }

    public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
    {
        ThrowUnlessIdle();
        return _member.Inputs[_queue.FindInput(name)].Write<T>(shape);
    }

    public ReadOnlySpan<T> Output<T>(string name)
    {
        ThrowUnlessIdle();
        var output = _member.Outputs[_queue.FindOutput(name)];
        RequireReady(name);
        return output.Read<T>();
    }

    public ReadOnlySpan<long> OutputShape(string name)
    {
        ThrowUnlessIdle();
        var output = _member.Outputs[_queue.FindOutput(name)];
        RequireReady(name);
        return output.Shape;
    }

    public void Carry(string output, string input)
    {
        ThrowUnlessIdle();
        throw new InferenceException(
            InferenceError.NotCapable,
            $"Output '{output}' of graph '{_queue.Signature.Graph}' can't be carried to input '{input}': the graph's calls are collected into batches, which keep no state. Name the graphs to batch in {nameof(BatchingOptions)}.{nameof(BatchingOptions.Graphs)}, or open the model without batching.");
    }

    public void Run(CancellationToken cancellationToken = default)
    {
        Enter();
        if (!_queue.Signature.Capabilities.Synchronous)
        {
            Exit();
            throw new NotSupportedException($"The runner has no synchronous calls. Use {nameof(RunAsync)}.");
        }

        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _member.Require();
        }
        catch
        {
            Exit();
            throw;
        }

        _member.Run(cancellationToken);
    }

    public ValueTask RunAsync(CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _member.Require();
        }
        catch (Exception e)
        {
            Exit();
            return ValueTask.FromException(e);
        }

        return _member.RunAsync(cancellationToken);
    }

    public void Dispose()
    {
        // A run in flight ends first: its memory is in use.
        if (Interlocked.CompareExchange(ref _state, DisposedWhileRunning, Running) != Running
            && Interlocked.CompareExchange(ref _state, Disposed, Idle) == Idle)
        {
            _member.Forget();
            _queue.Return(this, isReusable: !_member.HasUntakenResult);
        }
    }

    /// <summary>The queue rents it out again.</summary>
    public void Reopen() => Volatile.Write(ref _state, Idle);

    /// <summary>Goes on with a copy of its inputs, because a run that it left still reads them. Under the queue's lock, before <see cref="Exit"/>.</summary>
    public void Detach() => _member = _member.Copy();

    /// <summary>The run is over.</summary>
    public void Exit()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Running) == DisposedWhileRunning)
        {
            Volatile.Write(ref _state, Disposed);
            // Somebody may still wait for the run's end in it.
            _queue.Return(this, isReusable: false);
        }
    }

    private void Enter()
    {
        // Again where a run ended between the two looks.
        while (Interlocked.CompareExchange(ref _state, Running, Idle) != Idle)
        {
            ThrowUnlessIdle();
        }
    }

    private void RequireReady(string name)
    {
        if (!_member.IsReady)
        {
            throw new InferenceException(
                InferenceError.InvalidCall,
                $"Output '{name}' of graph '{_queue.Signature.Graph}' can't be read: nothing has run yet, or the last run failed. Call Run first.");
        }
    }

    private void ThrowUnlessIdle()
    {
        var state = Volatile.Read(ref _state);
        if (state != Idle)
        {
            ObjectDisposedException.ThrowIf(state != Running, typeof(IModelCall));
            throw new InferenceException(InferenceError.InvalidCall, $"A run of graph '{_queue.Signature.Graph}' is under way in this call. Await it first, or rent another call for another thread.");
        }
    }
}
