namespace Coffer.Text;

/// <summary>Pairs that may be merged, least rank first, then leftmost: a binary heap.</summary>
internal sealed class MergeQueue
{
    private Merge[] _heap = new Merge[64];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public void Push(in Merge merge)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, Count * 2);
        }

        var hole = Count++;
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (_heap[parent].Key <= merge.Key)
            {
                break;
            }

            _heap[hole] = _heap[parent];
            hole = parent;
        }

        _heap[hole] = merge;
    }

    public Merge Pop()
    {
        var top = _heap[0];
        var last = _heap[--Count];
        var hole = 0;
        for (var child = 1; child < Count; child = (2 * hole) + 1)
        {
            if (child + 1 < Count && _heap[child + 1].Key < _heap[child].Key)
            {
                child++;
            }

            if (last.Key <= _heap[child].Key)
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = last;
        return top;
    }

    /// <summary>A pair of neighbouring symbols.</summary>
    /// <param name="Key">The rank, then the position of the left symbol.</param>
    /// <param name="LeftId">The left token when the pair was found; another one there means that the pair is gone.</param>
    /// <param name="RightId">The right token when the pair was found.</param>
    /// <param name="MergedId">The token that the pair becomes.</param>
    internal readonly record struct Merge(ulong Key, int LeftId, int RightId, int MergedId)
    {
        public int Position => (int)(uint)Key;

        public static ulong MakeKey(int rank, int position) => ((ulong)(uint)rank << 32) | (uint)position;
    }
}
