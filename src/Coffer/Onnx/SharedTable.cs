namespace Coffer.Onnx;

/// <summary>Things that are made once and shared while they are in use. Making one holds up only who wants the same.</summary>
internal sealed class SharedTable<TKey, TValue>
    where TKey : notnull
    where TValue : class, IShared
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Slot> _slots = [];

    /// <summary>The thing of that key, joined or made. A failure to make it is not kept.</summary>
    public TValue Get(TKey key, Func<TValue> make)
    {
        var slot = Find(key);
        lock (slot.Gate)
        {
            return slot.Value is { } value && value.TryJoin() ? value : slot.Value = make();
        }
    }

    private Slot Find(TKey key)
    {
        lock (_gate)
        {
            foreach (var (unused, _) in _slots.Where(slot => slot.Value.Value is { IsGone: true }).ToArray())
            {
                _slots.Remove(unused);
            }

            if (!_slots.TryGetValue(key, out var slot))
            {
                _slots.Add(key, slot = new Slot());
            }

            return slot;
        }
    }

    private sealed class Slot
    {
        public Lock Gate { get; } = new();

        public volatile TValue? Value;
    }
}
