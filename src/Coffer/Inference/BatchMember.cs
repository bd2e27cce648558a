using System.Threading.Tasks.Sources;

namespace Coffer.Inference;

/// <summary>
/// A call's place in a batch: its tensors, and how it waits. What is guarded by the queue's lock is said so; the rest belongs to
/// the caller between runs, and to whoever leads the batch during one.
/// </summary>
internal sealed class BatchMember : IValueTaskSource
{
    private readonly BatchQueue _queue;
    // Waited on with Monitor, which a Lock can't be.
    private readonly object _sleep = new();
    private bool _isAwake;
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private Exception? _failure;

    public BatchMember(BatchQueue queue, BatchedCall call)
    {
        _queue = queue;
        Call = call;
        Inputs = queue.CreateInputs();
        Outputs = queue.CreateOutputs();
    }

    /// <summary>The call that runs.</summary>
    public BatchedCall Call { get; }

    public BatchTensor[] Inputs { get; }

    public BatchTensor[] Outputs { get; }

    /// <summary>The first dimension of its batched inputs; 0 if it can't share a run.</summary>
    public int Rows { get; private set; }

    /// <summary>What a runner would be sent for its inputs.</summary>
    public long ByteLength { get; private set; }

    /// <summary>Whether a thread waits in it, which can lead a batch.</summary>
    public bool HoldsThread { get; private set; }

    /// <summary>The batch that it is in; under the queue's lock.</summary>
    public Batch? Batch { get; set; }

    /// <summary>Whether it still waits for its result; under the queue's lock.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>What it throws when the run that it left is over; under the queue's lock.</summary>
    public Exception? Leaving { get; set; }

    /// <summary>Whether there are outputs to read.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether somebody may still wait for an asynchronous run in it.</summary>
    public bool HasUntakenResult { get; private set; }

    /// <summary>Measures the inputs for the next run; the outputs of the last can be read no more.</summary>
    /// <exception cref="InferenceException">One was not written (<see cref="InferenceError.InvalidCall"/>).</exception>
    public void Require()
    {
        IsReady = false;
        ByteLength = 0;
        var rows = -1L;
        foreach (var input in Inputs)
        {
            if (!input.IsFilled)
            {
                throw new InferenceException(InferenceError.InvalidCall, $"Input '{input.Description}' of graph '{_queue.Signature.Graph}' was not written. Call Input for it before Run.");
            }

            ByteLength += input.ByteLength;
            if (input.IsBatched)
            {
                // One row beside many is for the graph to broadcast: no part of a batch.
                rows = rows < 0 || rows == input.Shape[0] ? input.Shape[0] : 0;
            }
        }

        Rows = (int)Math.Min(rows, int.MaxValue);
    }

    /// <summary>Runs, on this thread where it has to lead.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        Prepare(holdsThread: true);
        var lead = _queue.Submit(this);
        _registration = Register(cancellationToken);
        if (lead is null)
        {
            Sleep();
            lead = _queue.TakeLead(this);
        }

        if (lead is not null)
        {
            _queue.Lead(lead);
        }

        _registration.Dispose();
        if (_failure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    public ValueTask RunAsync(CancellationToken cancellationToken)
    {
        Prepare(holdsThread: false);
        _source.Reset();
        HasUntakenResult = true;
        var task = new ValueTask(this, _source.Version);
        if (_queue.Submit(this) is { } lead)
        {
            ThreadPool.UnsafeQueueUserWorkItem(lead, preferLocal: false);
        }

        // Nobody can have taken the result yet, so the registration is always there to be disposed.
        _registration = Register(cancellationToken);
        return task;
    }

    /// <summary>Whether both can be in one run.</summary>
    public bool Joins(BatchMember other)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            if (!Inputs[i].Joins(other.Inputs[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Wakes its thread, to lead or because its run is over.</summary>
    public void Wake()
    {
        lock (_sleep)
        {
            _isAwake = true;
            Monitor.Pulse(_sleep);
        }
    }

    /// <summary>Its run is over: with a result, or with what it throws. Not under the queue's lock.</summary>
    public void Complete(Exception? failure)
    {
        _failure = failure;
        IsReady = failure is null;
        Call.Exit();
        if (HoldsThread)
        {
            Wake();
        }
        else if (failure is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(failure);
        }
    }

    /// <summary>Another member with the same inputs, for a caller who goes on while a run still reads them here.</summary>
    public BatchMember Copy()
    {
        var copy = new BatchMember(_queue, Call);
        for (var i = 0; i < Inputs.Length; i++)
        {
            copy.Inputs[i].CopyFrom(Inputs[i]);
        }

        return copy;
    }

    /// <summary>Nothing of one renter's is the next one's.</summary>
    public void Forget()
    {
        IsReady = false;
        _failure = null;
        Array.ForEach(Inputs, input => input.Forget());
        Array.ForEach(Outputs, output => output.Forget());
    }

    void IValueTaskSource.GetResult(short token)
    {
        // Waits for a callback that is under way.
        _registration.Dispose();
        HasUntakenResult = false;
        _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Sleep()
    {
        lock (_sleep)
        {
            while (!_isAwake)
            {
                Monitor.Wait(_sleep);
            }
        }
    }

    private CancellationTokenRegistration Register(CancellationToken cancellationToken) => cancellationToken.UnsafeRegister(
        static (member, token) => ((BatchMember)member!)._queue.Cancel((BatchMember)member, token), this);

    private void Prepare(bool holdsThread)
    {
        HoldsThread = holdsThread;
        _failure = null;
        Leaving = null;
        _isAwake = false;
    }
}
