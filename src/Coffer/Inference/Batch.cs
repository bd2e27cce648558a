using System.Diagnostics.CodeAnalysis;

namespace Coffer.Inference;

/// <summary>Calls that share a run. Its members are guarded by the queue's lock until it is closed, and fixed from then on.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a timer and a wait handle a CancellationTokenSource holds nothing to dispose, and batches are reused.")]
internal sealed class Batch(BatchQueue queue) : IThreadPoolWorkItem
{
    private readonly CancellationTokenSource _stop = new();

    public List<BatchMember> Members { get; } = [];

    /// <summary>Members whose run is over, each with what it throws or null.</summary>
    public List<(BatchMember Member, Exception? Failure)> Due { get; } = [];

    public int Rows { get; private set; }

    public long ByteLength { get; private set; }

    /// <summary>When its first member came, by the queue's clock.</summary>
    public long Began { get; set; }

    /// <summary>Whether it takes no more members.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether its run is to stop: whoever leads it, or everyone in it, was cancelled.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>The member whose thread runs it; null for the thread pool.</summary>
    public BatchMember? Leader { get; set; }

    public CancellationToken Stopped => _stop.Token;

    /// <summary>How many of its members still wait; under the queue's lock.</summary>
    public int Waiting { get; set; }

    public void Add(BatchMember member)
    {
        Members.Add(member);
        Rows += member.Rows;
        ByteLength += member.ByteLength;
        Waiting++;
        member.Batch = this;
    }

    public void Remove(BatchMember member)
    {
        Members.Remove(member);
        Rows -= member.Rows;
        ByteLength -= member.ByteLength;
        Waiting--;
        member.Batch = null;
    }

    /// <summary>Under the queue's lock; afterwards, outside of it, <see cref="Stop"/>.</summary>
    /// <returns>Whether it was not told so before.</returns>
    public bool BeginStop()
    {
        var isFirst = !IsStopping;
        IsStopping = true;
        return isFirst;
    }

    public void Stop() => _stop.Cancel();

    /// <summary>Makes it as new, for other members.</summary>
    /// <returns>False if it was told to stop: somebody may still be about to.</returns>
    public bool TryReset()
    {
        if (IsStopping)
        {
            return false;
        }

        Members.Clear();
        Due.Clear();
        (Rows, ByteLength, Waiting, IsClosed, Leader) = (0, 0, 0, false, null);
        return true;
    }

    void IThreadPoolWorkItem.Execute() => queue.LeadFromPool(this);
}
