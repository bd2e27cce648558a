using Coffer.Inference;

namespace Coffer.Onnx;

/// <summary>A rented call: one binding of a session, with the memory of its inputs. Pooled by the session.</summary>
internal sealed class OnnxModelCall : IModelCall
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Disposed = 2;
    private const int DisposedWhileRunning = 3;

    private readonly OnnxSession _session;
    private readonly OnnxInput[] _inputs;
    private readonly OnnxOutputs _outputs;
    private readonly nint _binding;
    private readonly nint _runOptions;
    private int _state;

    public OnnxModelCall(OnnxSession session)
    {
        _session = session;
        _inputs = [.. session.Inputs.Select(slot => new OnnxInput(session, slot))];
        _binding = OrtBinding.Create(session.Handle);
        _runOptions = OrtNative.CreateRunOptions();
        _outputs = new OnnxOutputs(session, _binding);
    }

    public Span<T> Input<T>(string name, scoped ReadOnlySpan<long> shape)
    {
        ThrowUnlessIdle();
        return _inputs[_session.FindInput(name).Index].Write<T>(shape);
    }

    /// <summary>Zeros, false or empty strings, whatever the element type.</summary>
    public void WriteZeros(OnnxTensorSlot input, scoped ReadOnlySpan<long> shape)
    {
        ThrowUnlessIdle();
        _inputs[input.Index].WriteZeros(shape);
    }

    public ReadOnlySpan<T> Output<T>(string name)
    {
        ThrowUnlessIdle();
        using var turn = _session.Device.Enter();
        return _outputs.Read<T>(_session.FindOutput(name));
    }

    public ReadOnlySpan<long> OutputShape(string name)
    {
        ThrowUnlessIdle();
        return _outputs.Shape(_session.FindOutput(name));
    }

    public void Carry(string output, string input)
    {
        ThrowUnlessIdle();
        CarryTo(this, output, input);
    }

    public void Carry(string output, IModelCall target, string input)
    {
        ArgumentNullException.ThrowIfNull(target);
        ThrowUnlessIdle();
        if (target is not OnnxModelCall other)
        {
            throw new InferenceException(InferenceError.NotCapable, $"Output '{output}' of graph '{_session.Signature.Graph}' can't be carried into a call of another runner ({target.GetType().Name}): copy it from Output to Input.");
        }

        other.ThrowUnlessIdle();
        CarryTo(other, output, input);
    }

    public void Run(CancellationToken cancellationToken = default)
    {
        Enter();
        RunEntered(cancellationToken);
    }

    public ValueTask RunAsync(CancellationToken cancellationToken = default)
    {
        // At once, not on the pool: from here on the inputs are the run's.
        Enter();
        return new ValueTask(Task.Run(() => RunEntered(cancellationToken), CancellationToken.None));
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

    /// <summary>The session rents it out again.</summary>
    public void Reopen() => Volatile.Write(ref _state, Idle);

    /// <summary>The session is done with it.</summary>
    public void Free()
    {
        using var turn = _session.Device.Enter();
        _outputs.Free();
        OrtBinding.Release(_binding);
        OrtNative.ReleaseRunOptions(_runOptions);
        foreach (var input in _inputs)
        {
            input.Free();
        }
    }

    /// <summary>Where an output's tensor lies, by its allocator's name.</summary>
    public string PlaceOfOutput(string name) => _outputs.Place(_session.FindOutput(name));

    private void CarryTo(OnnxModelCall target, string output, string input)
    {
        var from = _session.FindOutput(output);
        var to = target._session.FindInput(input);
        using var turn = _session.Device.Enter();
        using var targetsTurn = target._session.Device.Enter();
        target._inputs[to.Index].Carry(target._binding, from, _outputs.Carry(from), _session);
    }

    private void RunEntered(CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var turn = _session.Device.Enter();
            foreach (var input in _inputs)
            {
                input.Bind(_binding);
            }

            _outputs.Bind();
            RunBound(cancellationToken);
            _outputs.Fetch();
        }
        catch (OrtException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InferenceException(e.ToInferenceError(InferenceError.RunFailed), $"Graph '{_session.Signature.Graph}' failed to run: {e.Message}", e);
        }
        finally
        {
            Exit();
        }
    }

    private void RunBound(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            OrtBinding.Run(_session.Handle, _runOptions, _binding);
            return;
        }

        var registration = cancellationToken.UnsafeRegister(static call => OrtNative.SetTerminate(((OnnxModelCall)call!)._runOptions), this);
        try
        {
            OrtBinding.Run(_session.Handle, _runOptions, _binding);
        }
        finally
        {
            // Waits for a callback that is under way, so that it can't stop the next run.
            registration.Dispose();
            if (cancellationToken.IsCancellationRequested)
            {
                OrtNative.UnsetTerminate(_runOptions);
            }
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
        using (_session.Device.Enter())
        {
            _outputs.Forget();
            ReturnLent();
        }

        foreach (var input in _inputs)
        {
            input.Forget();
        }

        _session.Return(this);
    }

    private void ReturnLent()
    {
        var isLent = false;
        foreach (var input in _inputs)
        {
            isLent |= input.IsLent;
        }

        if (!isLent)
        {
            return;
        }

        // The binding would keep the tensor beyond its allocator, and gives up its inputs only all at once.
        OrtBinding.ClearInputs(_binding);
        foreach (var input in _inputs)
        {
            input.Unbind();
        }
    }

    private void ThrowUnlessIdle()
    {
        var state = Volatile.Read(ref _state);
        if (state != Idle)
        {
            ObjectDisposedException.ThrowIf(state != Running, typeof(IModelCall));
            throw new InferenceException(InferenceError.InvalidCall, $"A run of graph '{_session.Signature.Graph}' is under way in this call. Await it first, or rent another call for another thread.");
        }
    }
}
