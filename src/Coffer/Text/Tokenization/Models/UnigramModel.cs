using System.Text;

namespace Coffer.Text;

/// <summary>
/// Unigram language model (Kudo, 2018): the cover of a piece with the greatest sum of log probabilities, by Viterbi. Neighbouring unknown characters
/// are one token. Time is linear in the piece: no token is longer than the vocabulary's longest.
/// </summary>
internal sealed class UnigramModel : TokenModel
{
    // SentencePiece: an unknown character is worth 10 less than the least probable token.
    private const double UnknownPenalty = 10;

    private readonly Dictionary<(int Node, char Unit), int> _edges = [];
    private readonly List<int> _ends = [-1];
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int[]? _byteTokens;

    /// <param name="vocabulary">The tokens.</param>
    /// <param name="scores">Their log probabilities.</param>
    /// <param name="unknownId">The token for characters that no other covers.</param>
    /// <param name="byteFallback">Whether such characters are written as their bytes.</param>
    /// <param name="isText">Which tokens stand for text; null for all.</param>
    public UnigramModel(Vocabulary vocabulary, double[] scores, int? unknownId, bool byteFallback, Func<int, bool>? isText = null)
        : base(vocabulary)
    {
        UnknownId = unknownId;
        _scores = scores;
        _unknownScore = scores.Min() - UnknownPenalty;
        _byteTokens = byteFallback ? BpeModel.FindByteTokens(vocabulary) : null;
        for (var id = 0; id < scores.Length; id++)
        {
            if (vocabulary.TryGetToken(id, out var token) && token.Length > 0 && isText?.Invoke(id) != false)
            {
                Insert(token, id);
            }
        }
    }

    public override bool NamesUnknownByText => true;

    public override void Tokenize(ReadOnlySpan<char> piece, ModelScratch scratch)
    {
        var best = FindPaths(piece, scratch.Lattice);
        var output = scratch.Output;
        var before = output.Count;
        for (var end = piece.Length; end > 0; end = best[end].From)
        {
            output.Add(new(best[end].Id, best[end].From, end));
        }

        output.Items[before..].Reverse();
        FuseUnknown(piece, output, before);
    }

    private Span<LatticeNode> FindPaths(ReadOnlySpan<char> piece, GrowingList<LatticeNode> lattice)
    {
        var best = lattice.Take(piece.Length + 1);
        best.Fill(new(0, -1, -1));
        for (var start = 0; start < piece.Length;)
        {
            var units = char.IsHighSurrogate(piece[start]) && start + 1 < piece.Length ? 2 : 1;
            var isCovered = false;
            var node = 0;
            for (var i = start; i < piece.Length && _edges.TryGetValue((node, piece[i]), out node); i++)
            {
                var id = _ends[node];
                if (id >= 0)
                {
                    Improve(best, start, i + 1, id, id == UnknownId ? _unknownScore : _scores[id]);
                    isCovered |= i + 1 == start + units;
                }
            }

            if (!isCovered)
            {
                Improve(best, start, start + units, UnknownId ?? throw new TokenizerException(TokenizerError.MissingToken, "The text has a character that the tokenizer's vocabulary lacks, and its Unigram model has no unknown token ('unk_id')."), _unknownScore);
            }

            start += units;
        }

        return best;
    }

    private static void Improve(Span<LatticeNode> best, int start, int end, int id, double score)
    {
        var total = best[start].Score + score;
        if (best[end].From < 0 || total > best[end].Score)
        {
            best[end] = new(total, start, id);
        }
    }

    private void FuseUnknown(ReadOnlySpan<char> piece, GrowingList<ModelToken> output, int from)
    {
        var items = output.Items;
        var written = from;
        for (var i = from; i < items.Length; i++)
        {
            if (items[i].Id == UnknownId && written > from && items[written - 1].Id == UnknownId)
            {
                items[written - 1] = items[written - 1] with { End = items[i].End };
            }
            else
            {
                items[written++] = items[i];
            }
        }

        output.Truncate(written);
        if (_byteTokens is not null)
        {
            WriteBytes(piece, output, from);
        }
    }

    private void WriteBytes(ReadOnlySpan<char> piece, GrowingList<ModelToken> output, int from)
    {
        var known = output.Items[from..].ToArray();
        if (!Array.Exists(known, t => t.Id == UnknownId))
        {
            return;
        }

        output.Truncate(from);
        foreach (var token in known)
        {
            var bytes = token.Id == UnknownId ? Encoding.UTF8.GetBytes(piece[token.Start..token.End].ToArray()) : [];
            if (bytes.Length == 0 || Array.Exists(bytes, b => _byteTokens![b] < 0))
            {
                output.Add(token);
                continue;
            }

            foreach (var value in bytes)
            {
                output.Add(new(_byteTokens![value], token.Start, token.End));
            }
        }
    }

    private void Insert(string token, int id)
    {
        var node = 0;
        foreach (var unit in token)
        {
            if (!_edges.TryGetValue((node, unit), out var next))
            {
                next = _ends.Count;
                _ends.Add(-1);
                _edges[(node, unit)] = next;
            }

            node = next;
        }

        _ends[node] = id;
    }
}
