namespace Coffer.Text;

/// <summary>The tokens of pieces seen lately. Fixed size: a piece replaces the one that has its place.</summary>
internal sealed class PieceCache
{
    private const int Slots = 1 << 13;
    private const int MaxUnits = 24;
    private const int MaxTokens = 8;

    private readonly Entry[] _entries = new Entry[Slots];
    private readonly char[] _units = new char[Slots * MaxUnits];
    private readonly ModelToken[] _tokens = new ModelToken[Slots * MaxTokens];

    /// <summary>The piece's place, or -1 for a piece that is too long to keep.</summary>
    public static int PlaceOf(ReadOnlySpan<char> piece)
    {
        if (piece.Length > MaxUnits)
        {
            return -1;
        }

        var hash = (uint)piece.Length;
        foreach (var unit in piece)
        {
            hash = (hash ^ unit) * 0x9E3779B1;
            hash ^= hash >> 15;
        }

        return (int)(hash & (Slots - 1));
    }

    public bool TryGet(int place, ReadOnlySpan<char> piece, out ReadOnlySpan<ModelToken> tokens)
    {
        ref var entry = ref _entries[place];
        if (entry.Units == piece.Length && piece.SequenceEqual(_units.AsSpan(place * MaxUnits, piece.Length)))
        {
            tokens = _tokens.AsSpan(place * MaxTokens, entry.Tokens);
            return true;
        }

        tokens = default;
        return false;
    }

    public void Put(int place, ReadOnlySpan<char> piece, ReadOnlySpan<ModelToken> tokens)
    {
        if (tokens.Length > MaxTokens)
        {
            return;
        }

        piece.CopyTo(_units.AsSpan(place * MaxUnits));
        tokens.CopyTo(_tokens.AsSpan(place * MaxTokens));
        _entries[place] = new() { Units = (byte)piece.Length, Tokens = (byte)tokens.Length };
    }

    private struct Entry
    {
        public byte Units;
        public byte Tokens;
    }
}
