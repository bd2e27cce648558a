namespace Coffer.Text.Constraints;

/// <summary>JSON's strings (RFC 8259, section 7) as rules of a network.</summary>
internal sealed class JsonStrings
{
    // What a string holds as it is: all but quotation mark, backslash and control characters.
    private static readonly (int First, int Last)[] Plain = [(0x20, 0x21), (0x23, 0x5B), (0x5D, 0x10FFFF)];

    private static readonly int[] Escaped = ['"', '\\'];

    private readonly ByteNetwork _network;

    public JsonStrings(ByteNetwork network)
    {
        _network = network;
        Character = MakeCharacter();
        Any = network.MakeRule(from => AddString(from, 0, null));
    }

    /// <summary>A character of a string, or an escape of one; never half a surrogate pair.</summary>
    public NetworkRule Character { get; }

    public NetworkRule Any { get; }

    /// <summary>A string of so many characters; null for no limit.</summary>
    public int AddString(int from, int minimum, int? maximum)
    {
        from = _network.AddText(from, "\"");
        for (var i = 0; i < minimum; i++)
        {
            from = _network.AddCallTo(from, Character);
        }

        var end = _network.AddState();
        _network.AddEmpty(from, end);
        if (maximum is null)
        {
            _network.AddEmpty(_network.AddCallTo(end, Character), end);
        }

        for (var i = minimum; i < maximum; i++)
        {
            from = _network.AddCallTo(from, Character);
            _network.AddEmpty(from, end);
        }

        return _network.AddText(end, "\"");
    }

    /// <summary>A string whose characters match a pattern, each written in one way.</summary>
    public int AddMatching(int from, string pattern) =>
        _network.AddText(new PatternNetwork(_network, AddEscapedRange).AddSearch(PatternNetwork.Parse(pattern), _network.AddText(from, "\"")), "\"");

    private NetworkRule MakeCharacter() => _network.MakeRule(from =>
    {
        var end = _network.AddState();
        foreach (var (first, last) in Plain)
        {
            Utf8Ranges.Add(_network, from, first, last, end);
        }

        var escape = _network.AddText(from, "\\");
        foreach (var c in "\"\\/bfnrt"u8)
        {
            _network.AddByte(escape, c, c, end);
        }

        AddHexEscape(_network.AddText(escape, "u"), end);
        return end;
    });

    /// <summary>Four digits that are no surrogate.</summary>
    private void AddHexEscape(int from, int end)
    {
        var afterAny = _network.AddState();
        var afterD = _network.AddState();
        foreach (var (first, last) in new[] { ('0', '9'), ('a', 'c'), ('e', 'f'), ('A', 'C'), ('E', 'F') })
        {
            _network.AddByte(from, (byte)first, (byte)last, afterAny);
        }

        _network.AddByte(from, (byte)'d', (byte)'d', afterD);
        _network.AddByte(from, (byte)'D', (byte)'D', afterD);
        var second = _network.AddState();
        AddHex(afterAny, second);
        _network.AddByte(afterD, (byte)'0', (byte)'7', second);
        var third = _network.AddState();
        AddHex(second, third);
        AddHex(third, end);
    }

    private void AddHex(int from, int to)
    {
        _network.AddByte(from, (byte)'0', (byte)'9', to);
        _network.AddByte(from, (byte)'a', (byte)'f', to);
        _network.AddByte(from, (byte)'A', (byte)'F', to);
    }

    /// <summary>Code points as a JSON string holds them: as they are where that is allowed.</summary>
    private void AddEscapedRange(int from, int first, int last, int to)
    {
        for (var code = first; code <= Math.Min(last, 0x1F); code++)
        {
            AddEscape(from, code, to);
        }

        foreach (var (lowest, highest) in Plain)
        {
            if (Math.Max(first, lowest) <= Math.Min(last, highest))
            {
                Utf8Ranges.Add(_network, from, Math.Max(first, lowest), Math.Min(last, highest), to);
            }
        }

        foreach (var code in Escaped.Where(code => code >= first && code <= last))
        {
            AddEscape(from, code, to);
        }
    }

    private void AddEscape(int from, int code, int to) => _network.AddEmpty(
        _network.AddText(from, code switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            _ => $"\\u{code:x4}",
        }),
        to);
}
