namespace Coffer.Text;

/// <summary>A list that keeps its memory when it is cleared, and gives its items as a span.</summary>
internal sealed class GrowingList<T>
    where T : struct
{
    private T[] _items = new T[64];

    public int Count { get; private set; }

    public Span<T> Items => _items.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(T item)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, _items.Length * 2);
        }

        _items[Count++] = item;
    }

    public void AddRange(ReadOnlySpan<T> items)
    {
        if (Count + items.Length > _items.Length)
        {
            Array.Resize(ref _items, Math.Max(Count + items.Length, _items.Length * 2));
        }

        items.CopyTo(_items.AsSpan(Count));
        Count += items.Length;
    }

    /// <summary>Keeps the first items only.</summary>
    public void Truncate(int count) => Count = Math.Min(count, Count);

    /// <summary>Room for so many items, with whatever they held before.</summary>
    public Span<T> Take(int count)
    {
        if (count > _items.Length)
        {
            _items = new T[Math.Max(count, _items.Length * 2)];
        }

        Count = count;
        return Items;
    }
}
