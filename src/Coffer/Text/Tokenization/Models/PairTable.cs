using System.Numerics;

namespace Coffer.Text;

/// <summary>What pairs of tokens become, and which first: a hash table with open addressing.</summary>
internal sealed class PairTable
{
    private readonly ulong[] _keys;
    private readonly (int Rank, int Id)[] _values;
    private readonly int _shift;

    public PairTable(int count)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 4) * 2);
        _keys = new ulong[size];
        _values = new (int, int)[size];
        _keys.AsSpan().Fill(ulong.MaxValue);
        _shift = 64 - BitOperations.Log2(size);
    }

    /// <summary>Adds a pair; the first of equal ones counts.</summary>
    public void Add(int left, int right, int rank, int id)
    {
        var place = Find(Key(left, right));
        if (_keys[place] == ulong.MaxValue)
        {
            _keys[place] = Key(left, right);
            _values[place] = (rank, id);
        }
    }

    public bool TryGet(int left, int right, out int rank, out int id)
    {
        var key = Key(left, right);
        var place = Find(key);
        (rank, id) = _values[place];
        return _keys[place] == key;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Find(ulong key)
    {
        var place = (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);
        while (_keys[place] != key && _keys[place] != ulong.MaxValue)
        {
            place = (place + 1) & (_keys.Length - 1);
        }

        return place;
    }
}
