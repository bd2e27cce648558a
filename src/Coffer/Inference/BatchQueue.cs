using System.Collections.Frozen;

namespace Coffer.Inference;

/// <summary>
/// One graph's calls on their way into batches. A batch runs at once when nothing else does, and otherwise when it is full, when
/// a run ends, or when its first call has waited for as long as it may. It is led, that is run, by the thread of a call that
/// waits in it; only where none holds a thread by the thread pool. So waiting calls never wait for a thread that they hold.
/// </summary>
internal sealed class BatchQueue : IDisposable
{
    private readonly IModelRunner _runner;
    private readonly BatchingOptions _options;
    private readonly string _axis;
    private readonly Action _returned;
    private readonly FrozenDictionary<string, int> _inputs;
    private readonly FrozenDictionary<string, int> _outputs;
    private readonly ITimer _timer;

    private readonly Lock _gate = new();
    private readonly Stack<BatchedCall> _idle = new();
    private readonly Stack<Batch> _spare = new();
    private readonly List<Batch> _open = [];
    private int _running;
    private bool _isArmed;
    private bool _isInseparable;

    /// <param name="runner">Runs the batches.</param>
    /// <param name="signature">What the runner says of the graph.</param>
    /// <param name="axis">The symbol of its batch.</param>
    /// <param name="options">How to collect.</param>
    /// <param name="returned">Called when a call was handed back.</param>
    public BatchQueue(IModelRunner runner, ModelSignature signature, string axis, BatchingOptions options, Action returned)
    {
        _runner = runner;
        _options = options;
        _axis = axis;
        _returned = returned;
        Signature = signature with { Capabilities = signature.Capabilities with { Carry = false, Batches = true } };
        _inputs = Index(signature.Inputs);
        _outputs = Index(signature.Outputs);
        _timer = options.Clock.CreateTimer(static queue => ((BatchQueue)queue!).LeadOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ModelSignature Signature { get; }

    /// <summary>More idle calls than this are left to the garbage collector: their tensors would only fill memory.</summary>
    private int MaxIdleCalls => Math.Max(8, 2 * Math.Min(_options.MaxBatch, 1024));

    public BatchTensor[] CreateInputs() => [.. Signature.Inputs.Select(input => BatchTensor.Create(Signature.Graph, "Input", input, BatchAxis.Has(input, _axis)))];

    public BatchTensor[] CreateOutputs() => [.. Signature.Outputs.Select(output => BatchTensor.Create(Signature.Graph, "Output", output, isBatched: true))];

    public int FindInput(string name) => _inputs.TryGetValue(name, out var index) ? index : throw Unknown("input", name, Signature.Inputs);

    public int FindOutput(string name) => _outputs.TryGetValue(name, out var index) ? index : throw Unknown("output", name, Signature.Outputs);

    public BatchedCall Rent()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out var idle))
            {
                idle.Reopen();
                return idle;
            }
        }

        return new BatchedCall(this);
    }

    public void Return(BatchedCall call, bool isReusable)
    {
        lock (_gate)
        {
            if (isReusable && _idle.Count < MaxIdleCalls)
            {
                _idle.Push(call);
            }
        }

        _returned();
    }

    /// <summary>Puts a member into a batch.</summary>
    /// <returns>The batch, if it is to run now and the member's thread, or the thread pool, has to lead it; otherwise null.</returns>
    public Batch? Submit(BatchMember member)
    {
        lock (_gate)
        {
            member.IsWaiting = true;
            if (!CanShare(member))
            {
                var alone = Take();
                alone.Add(member);
                return Close(alone, member);
            }

            var batch = FindRoom(member) ?? Open();
            batch.Add(member);
            if (_running == 0 || batch.Rows >= _options.MaxBatch)
            {
                return Close(batch, member);
            }

            Arm(_options.MaxDelay);
            return null;
        }
    }

    /// <summary>The batch that a member was woken to lead; null if it was woken because its run is over.</summary>
    public Batch? TakeLead(BatchMember member)
    {
        lock (_gate)
        {
            return member.Batch is { } batch && batch.Leader == member ? batch : null;
        }
    }

    /// <summary>Runs a batch on this thread. The runner is synchronous.</summary>
    public void Lead(Batch batch)
    {
        for (var next = batch; next is not null;)
        {
            next = Finish(next, BatchRun.Run(_runner, Signature.Graph, next));
        }
    }

    public void LeadFromPool(Batch batch)
    {
        if (Signature.Capabilities.Synchronous)
        {
            Lead(batch);
        }
        else
        {
            _ = LeadAsync(batch);
        }
    }

    /// <summary>A member's caller gives up: it leaves the batch, which goes on for the others.</summary>
    public void Cancel(BatchMember member, CancellationToken cancellationToken)
    {
        Batch? stopped = null;
        var failure = new OperationCanceledException(cancellationToken);
        lock (_gate)
        {
            if (!member.IsWaiting)
            {
                return;
            }

            member.IsWaiting = false;
            var batch = member.Batch!;
            if (!batch.IsClosed)
            {
                batch.Remove(member);
                if (batch.Members.Count == 0)
                {
                    _open.Remove(batch);
                    Recycle(batch);
                }
            }
            else
            {
                batch.Waiting--;
                if (batch.Leader == member || batch.Waiting == 0)
                {
                    // Its thread, or its memory, is the run's until that is over. What is left of the batch then runs again.
                    member.Leaving = failure;
                    failure = null;
                    stopped = batch.BeginStop() ? batch : null;
                }
                else
                {
                    member.Call.Detach();
                    member.Batch = null;
                }
            }
        }

        stopped?.Stop();
        if (failure is not null)
        {
            member.Complete(failure);
        }
    }

    public void Dispose() => _timer.Dispose();

    private async Task LeadAsync(Batch batch)
    {
        for (var next = batch; next is not null;)
        {
            next = Finish(next, await BatchRun.RunAsync(_runner, Signature.Graph, next).ConfigureAwait(false));
        }
    }

    /// <summary>Lets the next batch run, and gives the members of this one what they wait for.</summary>
    /// <returns>A batch that this thread has to lead as well.</returns>
    private Batch? Finish(Batch batch, BatchOutcome outcome)
    {
        Batch? mine = null;
        lock (_gate)
        {
            _running--;
            _isInseparable |= outcome.Ending == BatchEnding.Inseparable;
            foreach (var member in batch.Members)
            {
                if (member.Leaving is { } leaving)
                {
                    Settle(batch, member, leaving);
                }
                else if (member.IsWaiting && (outcome.Ending == BatchEnding.Done || (outcome.Ending == BatchEnding.Failed && batch.Members.Count == 1)))
                {
                    Settle(batch, member, outcome.Failure);
                }
            }

            if (outcome.Ending == BatchEnding.Stopped)
            {
                Hand(Rest(batch, batch.Members.Count), null, ref mine);
            }
            else
            {
                // One bad call fails alone: each finds out by itself whether it is the one.
                while (Rest(batch, 1) is { } alone)
                {
                    Hand(alone, batch.Leader, ref mine);
                }
            }

            if (_running == 0 && _open.Count > 0)
            {
                Hand(_open[0], null, ref mine);
            }
        }

        foreach (var (member, failure) in batch.Due)
        {
            member.Complete(failure);
        }

        lock (_gate)
        {
            Recycle(batch);
        }

        return mine;
    }

    private static void Settle(Batch batch, BatchMember member, Exception? failure)
    {
        member.IsWaiting = false;
        member.Batch = null;
        batch.Due.Add((member, failure));
    }

    /// <summary>Moves members that still wait into a batch of their own; null if there are none.</summary>
    private Batch? Rest(Batch batch, int count)
    {
        Batch? rest = null;
        foreach (var member in batch.Members)
        {
            if (member.IsWaiting && member.Batch == batch && count-- > 0)
            {
                rest ??= Take();
                rest.Add(member);
            }
        }

        return rest;
    }

    /// <summary>Closes a batch and finds somebody to lead it: the leader that just became free if he is in it, another member, the thread pool.</summary>
    private void Hand(Batch? batch, BatchMember? free, ref Batch? mine)
    {
        if (batch is null)
        {
            return;
        }

        if (Close(batch, free) is not { } unled)
        {
            return;
        }

        if (free is not null && unled.Leader == free)
        {
            mine = unled;
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(unled, preferLocal: false);
        }
    }

    /// <summary>Lets a batch run from now on.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="present">A member that leads it if it holds a thread, being that thread.</param>
    /// <returns>The batch, unless another member's thread was woken to lead it.</returns>
    private Batch? Close(Batch batch, BatchMember? present)
    {
        _open.Remove(batch);
        _running++;
        batch.IsClosed = true;
        batch.Leader = present is { HoldsThread: true } && present.Batch == batch ? present : batch.Members.Find(static member => member.HoldsThread);
        if (batch.Leader is null || batch.Leader == present)
        {
            return batch;
        }

        batch.Leader.Wake();
        return null;
    }

    /// <summary>The timer's: a batch whose first call has waited long enough runs beside what is running.</summary>
    private void LeadOverdue()
    {
        lock (_gate)
        {
            _isArmed = false;
            Batch? none = null;
            while (_open.Count > 0)
            {
                var left = _options.MaxDelay - _options.Clock.GetElapsedTime(_open[0].Began);
                if (left > TimeSpan.Zero)
                {
                    Arm(left);
                    return;
                }

                Hand(_open[0], null, ref none);
            }
        }
    }

    private void Arm(TimeSpan due)
    {
        if (!_isArmed && due != Timeout.InfiniteTimeSpan)
        {
            // A timer counts in milliseconds and would cut the fraction off.
            _isArmed = _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }

    private bool CanShare(BatchMember member) => member.Rows > 0 && member.Rows < _options.MaxBatch && _options.MaxDelay != TimeSpan.Zero && !_isInseparable;

    private Batch? FindRoom(BatchMember member)
    {
        foreach (var batch in _open)
        {
            if (batch.Rows + member.Rows <= _options.MaxBatch
                && batch.ByteLength + member.ByteLength <= (Signature.Capabilities.MaxPayload ?? long.MaxValue)
                && member.Joins(batch.Members[0]))
            {
                return batch;
            }
        }

        return null;
    }

    private Batch Open()
    {
        var batch = Take();
        batch.Began = _options.Clock.GetTimestamp();
        _open.Add(batch);
        return batch;
    }

    private Batch Take() => _spare.TryPop(out var spare) ? spare : new Batch(this);

    private void Recycle(Batch batch)
    {
        if (batch.TryReset())
        {
            _spare.Push(batch);
        }
    }

    private static FrozenDictionary<string, int> Index(IReadOnlyList<TensorDescription> tensors) =>
        tensors.Select((tensor, i) => KeyValuePair.Create(tensor.Name, i)).ToFrozenDictionary(StringComparer.Ordinal);

    private InferenceException Unknown(string kind, string name, IReadOnlyList<TensorDescription> known) => new(
        InferenceError.UnknownTensor,
        $"Graph '{Signature.Graph}' has no {kind} '{name}'. It has {string.Join(", ", known.Select(tensor => $"'{tensor.Name}'"))}.");
}
