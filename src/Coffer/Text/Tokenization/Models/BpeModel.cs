using System.Text;

namespace Coffer.Text;

/// <summary>
/// Byte-pair encoding (Sennrich et al., 2016): characters, then the pair of least rank merged again and again. With a queue the time is
/// n log n for a piece of n characters.
/// </summary>
internal sealed class BpeModel : TokenModel
{
    private const int DirectUnits = 512;

    private readonly PairTable _merges;
    private readonly BpeOptions _options;
    private readonly int[] _direct = new int[DirectUnits];
    private readonly int[]? _byteTokens;
    private readonly bool _hasAffixes;

    public BpeModel(Vocabulary vocabulary, PairTable merges, BpeOptions options)
        : base(vocabulary)
    {
        _merges = merges;
        _options = options;
        _hasAffixes = options.ContinuingSubwordPrefix.Length + options.EndOfWordSuffix.Length > 0;
        _byteTokens = options.ByteFallback ? FindByteTokens(vocabulary) : null;
        for (var unit = 0; unit < DirectUnits; unit++)
        {
            _direct[unit] = vocabulary.TryGetId([(char)unit], out var id) ? id : -1;
        }
    }

    public override bool MarksContinuation => _options.ContinuingSubwordPrefix.Length > 0;

    /// <summary>The tokens of single bytes, -1 for one that is missing.</summary>
    public static int[] FindByteTokens(Vocabulary vocabulary)
    {
        var tokens = new int[256];
        for (var value = 0; value < tokens.Length; value++)
        {
            tokens[value] = vocabulary.TryGetId($"<0x{value:X2}>", out var id) ? id : -1;
        }

        return tokens;
    }

    public override void Tokenize(ReadOnlySpan<char> piece, ModelScratch scratch)
    {
        if (_options.IgnoreMerges && Vocabulary.TryGetId(piece, out var whole))
        {
            scratch.Output.Add(new(whole, 0, piece.Length));
            return;
        }

        var symbols = scratch.Symbols;
        symbols.Clear();
        AddSymbols(piece, scratch);
        if (symbols.Count > 1)
        {
            Merge(symbols.Items, scratch.Queue);
        }

        var items = symbols.Items;
        for (var i = items.IsEmpty ? -1 : 0; i >= 0; i = items[i].Next)
        {
            scratch.Output.Add(new(items[i].Id, items[i].Start, items[i].End));
        }
    }

    private void AddSymbols(ReadOnlySpan<char> piece, ModelScratch scratch)
    {
        var symbols = scratch.Symbols;
        for (var i = 0; i < piece.Length;)
        {
            var units = char.IsHighSurrogate(piece[i]) && i + 1 < piece.Length ? 2 : 1;
            var id = FindSymbol(piece, i, units, scratch);
            if (id >= 0)
            {
                Add(symbols, id, i, i + units);
            }
            else if (!TryAddBytes(piece, i, units, symbols) && UnknownId is { } unknown)
            {
                AddUnknown(symbols, unknown, i, i + units);
            }

            i += units;
        }
    }

    private int FindSymbol(ReadOnlySpan<char> piece, int start, int units, ModelScratch scratch)
    {
        var symbol = piece.Slice(start, units);
        if (_hasAffixes)
        {
            var chars = scratch.Chars;
            chars.Clear();
            chars.AddRange(start > 0 ? _options.ContinuingSubwordPrefix : string.Empty);
            chars.AddRange(symbol);
            chars.AddRange(start + units == piece.Length ? _options.EndOfWordSuffix : string.Empty);
            symbol = chars.Items;
        }
        else if (symbol[0] < DirectUnits)
        {
            return _direct[symbol[0]];
        }

        return Vocabulary.TryGetId(symbol, out var id) ? id : -1;
    }

    private bool TryAddBytes(ReadOnlySpan<char> piece, int start, int units, GrowingList<MergeSymbol> symbols)
    {
        if (_byteTokens is null)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        var count = Encoding.UTF8.GetBytes(piece.Slice(start, units), bytes);
        foreach (var value in bytes[..count])
        {
            if (_byteTokens[value] < 0)
            {
                return false;
            }
        }

        foreach (var value in bytes[..count])
        {
            Add(symbols, _byteTokens[value], start, start + units);
        }

        return true;
    }

    private void AddUnknown(GrowingList<MergeSymbol> symbols, int unknown, int start, int end)
    {
        if (_options.FuseUnknown && symbols.Count > 0 && symbols.Items[^1] is var last && last.Id == unknown && last.End == start)
        {
            symbols.Items[^1].End = end;
            return;
        }

        Add(symbols, unknown, start, end);
    }

    private static void Add(GrowingList<MergeSymbol> symbols, int id, int start, int end)
    {
        var index = symbols.Count;
        if (index > 0)
        {
            symbols.Items[^1].Next = index;
        }

        symbols.Add(new() { Id = id, Start = start, End = end, Previous = index - 1, Next = -1 });
    }

    private void Merge(Span<MergeSymbol> symbols, MergeQueue queue)
    {
        queue.Clear();
        for (var i = 0; i + 1 < symbols.Length; i++)
        {
            Enqueue(symbols, i, queue);
        }

        while (queue.Count > 0)
        {
            var merge = queue.Pop();
            ref var left = ref symbols[merge.Position];
            if (left.Id != merge.LeftId || left.Next < 0 || symbols[left.Next].Id != merge.RightId)
            {
                continue;
            }

            ref var right = ref symbols[left.Next];
            left.Id = merge.MergedId;
            left.End = right.End;
            left.Next = right.Next;
            right.Id = -1;
            if (left.Next >= 0)
            {
                symbols[left.Next].Previous = merge.Position;
                Enqueue(symbols, merge.Position, queue);
            }

            if (left.Previous >= 0)
            {
                Enqueue(symbols, left.Previous, queue);
            }
        }
    }

    private void Enqueue(Span<MergeSymbol> symbols, int left, MergeQueue queue)
    {
        var right = symbols[left].Next;
        if (_merges.TryGet(symbols[left].Id, symbols[right].Id, out var rank, out var id))
        {
            queue.Push(new(MergeQueue.Merge.MakeKey(rank, left), symbols[left].Id, symbols[right].Id, id));
        }
    }
}
