namespace Coffer.Text;

/// <summary>WordPiece: the longest token that fits, from the left; a word that has no such cover is unknown as a whole.</summary>
internal sealed class WordPieceModel : TokenModel
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuing;
    private readonly int _maxWordLength;
    private readonly int _maxTokenLength;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="continuingPrefix">What marks a token that continues a word: <c>##</c>.</param>
    /// <param name="maxWordLength">The most code points of a word; a longer one is unknown.</param>
    public WordPieceModel(Vocabulary vocabulary, string continuingPrefix, int maxWordLength)
        : base(vocabulary)
    {
        MarksContinuation = continuingPrefix.Length > 0;
        _maxWordLength = maxWordLength;
        var continuing = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < vocabulary.Size; id++)
        {
            if (!vocabulary.TryGetToken(id, out var token))
            {
                continue;
            }

            _maxTokenLength = Math.Max(_maxTokenLength, token.Length);
            if (token.StartsWith(continuingPrefix, StringComparison.Ordinal) && token.Length > continuingPrefix.Length)
            {
                continuing[token[continuingPrefix.Length..]] = id;
            }
        }

        _continuing = continuing.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override bool MarksContinuation { get; }

    public override void Tokenize(ReadOnlySpan<char> piece, ModelScratch scratch)
    {
        var output = scratch.Output;
        var before = output.Count;
        if (IsTooLong(piece))
        {
            AddUnknown(piece, output);
            return;
        }

        for (var start = 0; start < piece.Length;)
        {
            if (!TryFindLongest(piece, start, out var id, out var end))
            {
                output.Truncate(before);
                AddUnknown(piece, output);
                return;
            }

            output.Add(new(id, start, end));
            start = end;
        }
    }

    private bool TryFindLongest(ReadOnlySpan<char> piece, int start, out int id, out int end)
    {
        for (end = Math.Min(piece.Length, start + _maxTokenLength); end > start; end--)
        {
            if (start == 0 ? Vocabulary.TryGetId(piece[..end], out id) : _continuing.TryGetValue(piece[start..end], out id))
            {
                return true;
            }
        }

        id = -1;
        return false;
    }

    private bool IsTooLong(ReadOnlySpan<char> piece)
    {
        if (piece.Length <= _maxWordLength)
        {
            return false;
        }

        var codePoints = piece.Length;
        foreach (var unit in piece)
        {
            codePoints -= char.IsLowSurrogate(unit) ? 1 : 0;
        }

        return codePoints > _maxWordLength;
    }

    private void AddUnknown(ReadOnlySpan<char> piece, GrowingList<ModelToken> output) => output.Add(new(UnknownId!.Value, 0, piece.Length));
}
