namespace Coffer.Text.Constraints;

/// <summary>The parts of JSON (RFC 8259) as rules of a network.</summary>
internal sealed class JsonNetwork
{
    private static readonly string[] Words = ["true", "false", "null"];

    private readonly ByteNetwork _network;
    private NetworkRule? _any;

    public JsonNetwork(ByteNetwork network)
    {
        _network = network;
        Strings = new(network);
    }

    public JsonStrings Strings { get; }

    /// <summary>Any value.</summary>
    public NetworkRule Any => _any ?? MakeAny();

    public NetworkRule MakeRule(Func<int, int> add) => _network.MakeRule(add);

    public int AddText(int from, string text) => _network.AddText(from, text);

    public int AddInteger(int from) => AddDigits(from, 18);

    public int AddNumber(int from)
    {
        from = AddDigits(from, 15);
        var point = AddText(from, ".");
        var fraction = AddRepeated(point, 1, 15);
        var mantissa = _network.AddState();
        _network.AddEmpty(from, mantissa);
        _network.AddEmpty(fraction, mantissa);
        var e = _network.AddState();
        _network.AddByte(mantissa, (byte)'e', (byte)'e', e);
        _network.AddByte(mantissa, (byte)'E', (byte)'E', e);
        var sign = _network.AddState();
        _network.AddEmpty(e, sign);
        _network.AddByte(e, (byte)'+', (byte)'+', sign);
        _network.AddByte(e, (byte)'-', (byte)'-', sign);
        var end = AddRepeated(sign, 1, 2);
        _network.AddEmpty(mantissa, end);
        return end;
    }

    /// <summary>A comma or a colon, and perhaps a space.</summary>
    public int AddSeparator(int from, char separator)
    {
        from = AddText(from, separator.ToString());
        var to = _network.AddState();
        _network.AddEmpty(from, to);
        _network.AddByte(from, (byte)' ', (byte)' ', to);
        return to;
    }

    /// <summary>An array of so many items; null for no limit.</summary>
    public int AddArray(int from, NetworkRule item, int minimum, int? maximum)
    {
        from = AddText(from, "[");
        var end = _network.AddState();
        if (minimum == 0)
        {
            _network.AddEmpty(from, end);
        }

        var count = 0;
        while (count < Math.Max(minimum, 1) && count < (maximum ?? int.MaxValue))
        {
            from = _network.AddCallTo(count == 0 ? from : AddSeparator(from, ','), item);
            count++;
        }

        if (count >= minimum)
        {
            _network.AddEmpty(from, end);
        }

        if (maximum is null)
        {
            _network.AddEmpty(_network.AddCallTo(AddSeparator(from, ','), item), from);
        }

        for (; count < maximum; count++)
        {
            from = _network.AddCallTo(AddSeparator(from, ','), item);
            _network.AddEmpty(from, end);
        }

        return AddText(end, "]");
    }

    /// <summary>An object of any names.</summary>
    public int AddMap(int from, NetworkRule value)
    {
        from = AddText(from, "{");
        var end = _network.AddState();
        _network.AddEmpty(from, end);
        var after = _network.AddCallTo(AddSeparator(_network.AddCallTo(from, Strings.Any), ':'), value);
        _network.AddEmpty(after, end);
        _network.AddEmpty(_network.AddCallTo(AddSeparator(_network.AddCallTo(AddSeparator(after, ','), Strings.Any), ':'), value), after);
        return AddText(end, "}");
    }

    /// <summary>An object of these properties, in this order.</summary>
    public int AddObject(int from, IReadOnlyList<(string Name, NetworkRule Value, bool IsRequired)> properties)
    {
        from = AddText(from, "{");
        int? none = from;
        int? some = null;
        foreach (var (name, value, isRequired) in properties)
        {
            var key = _network.AddState();
            if (none is { } first)
            {
                _network.AddEmpty(first, key);
            }

            if (some is { } next)
            {
                _network.AddEmpty(AddSeparator(next, ','), key);
            }

            var after = _network.AddCallTo(AddSeparator(AddText(key, SchemaKeywords.Write(name)), ':'), value);
            if (!isRequired && some is { } skipped)
            {
                _network.AddEmpty(skipped, after);
            }

            none = isRequired ? null : none;
            some = after;
        }

        var end = _network.AddState();
        foreach (var state in new[] { none, some }.OfType<int>())
        {
            _network.AddEmpty(state, end);
        }

        return AddText(end, "}");
    }

    private int AddDigits(int from, int count)
    {
        var sign = _network.AddState();
        _network.AddEmpty(from, sign);
        _network.AddByte(from, (byte)'-', (byte)'-', sign);
        var first = _network.AddState();
        _network.AddByte(sign, (byte)'1', (byte)'9', first);
        var end = AddRepeated(first, 0, count - 1);
        _network.AddByte(sign, (byte)'0', (byte)'0', end);
        return end;
    }

    private int AddRepeated(int from, int minimum, int maximum)
    {
        var end = _network.AddState();
        for (var i = 0; i <= maximum; i++)
        {
            if (i >= minimum)
            {
                _network.AddEmpty(from, end);
            }

            if (i < maximum)
            {
                var next = _network.AddState();
                _network.AddByte(from, (byte)'0', (byte)'9', next);
                from = next;
            }
        }

        return end;
    }

    private NetworkRule MakeAny()
    {
        var any = _network.AddRule();
        _any = any;
        var array = MakeRule(from => AddArray(from, any, 0, null));
        var map = MakeRule(from => AddMap(from, any));
        _network.AddCall(any.Start, array, any.End, counts: true);
        _network.AddCall(any.Start, map, any.End, counts: true);
        _network.AddCall(any.Start, Strings.Any, any.End);
        _network.AddEmpty(AddNumber(any.Start), any.End);
        foreach (var word in Words)
        {
            _network.AddEmpty(AddText(any.Start, word), any.End);
        }

        return any;
    }
}
