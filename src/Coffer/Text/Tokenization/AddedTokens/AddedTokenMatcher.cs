using System.Buffers;

namespace Coffer.Text;

/// <summary>Finds added tokens in a text: the leftmost, and of those the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Unit), int> _edges = [];
    private readonly List<AddedToken?> _ends = [null];
    private readonly SearchValues<char> _firstUnits;

    /// <param name="tokens">Each token with the text that stands for it.</param>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var first = new HashSet<char>();
        foreach (var (content, token) in tokens)
        {
            if (content.Length == 0)
            {
                continue;
            }

            first.Add(content[0]);
            Insert(content, token);
        }

        _firstUnits = SearchValues.Create([.. first]);
        IsEmpty = first.Count == 0;
    }

    public bool IsEmpty { get; }

    /// <summary>Cuts a range of a text into added tokens and what lies between.</summary>
    public void Split(ReadOnlySpan<char> text, int from, int to, GrowingList<TextPiece> output)
    {
        var done = from;
        for (var i = from; i < to;)
        {
            var skip = text[i..to].IndexOfAny(_firstUnits);
            if (skip < 0)
            {
                break;
            }

            i += skip;
            if (!TryMatch(text[..to], i, out var token, out var end))
            {
                i++;
                continue;
            }

            var start = i;
            i = end;
            if (token.IsSingleWord && (IsWordBefore(text, start, from) || IsWordAfter(text, end, to)))
            {
                continue;
            }

            start = token.StripsLeft ? SpaceStart(text, start, done) : start;
            end = token.StripsRight ? SpaceEnd(text, end, to) : end;
            if (start > done)
            {
                output.Add(new(done, start));
            }

            output.Add(new(start, end, token.Id));
            done = end;
            i = end;
        }

        if (done < to)
        {
            output.Add(new(done, to));
        }
    }

    private void Insert(string content, AddedToken token)
    {
        var node = 0;
        foreach (var unit in content)
        {
            if (!_edges.TryGetValue((node, unit), out var next))
            {
                next = _ends.Count;
                _ends.Add(null);
                _edges[(node, unit)] = next;
            }

            node = next;
        }

        _ends[node] = token;
    }

    private bool TryMatch(ReadOnlySpan<char> text, int start, out AddedToken token, out int end)
    {
        (token, end) = (null!, start);
        var node = 0;
        for (var i = start; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (_ends[node] is { } found)
            {
                (token, end) = (found, i + 1);
            }
        }

        return end > start;
    }

    private static bool IsWordBefore(ReadOnlySpan<char> text, int index, int from)
    {
        if (index <= from)
        {
            return false;
        }

        var isPair = index - 2 >= from && char.IsSurrogatePair(text[index - 2], text[index - 1]);
        return CodePointClass.IsWord(isPair ? char.ConvertToUtf32(text[index - 2], text[index - 1]) : text[index - 1]);
    }

    private static bool IsWordAfter(ReadOnlySpan<char> text, int index, int to)
    {
        if (index >= to)
        {
            return false;
        }

        var isPair = index + 1 < to && char.IsSurrogatePair(text[index], text[index + 1]);
        return CodePointClass.IsWord(isPair ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index]);
    }

    // Every white-space character is one UTF-16 unit.
    private static int SpaceStart(ReadOnlySpan<char> text, int index, int from)
    {
        while (index > from && CodePointClass.IsWhiteSpace(text[index - 1]))
        {
            index--;
        }

        return index;
    }

    private static int SpaceEnd(ReadOnlySpan<char> text, int index, int to)
    {
        while (index < to && CodePointClass.IsWhiteSpace(text[index]))
        {
            index++;
        }

        return index;
    }
}
