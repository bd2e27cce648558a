namespace Coffer.Text.Constraints;

/// <summary>Puts a regular expression into a network. It has to match the whole, from <c>^</c> to <c>$</c>, written or not.</summary>
internal sealed class PatternNetwork(ByteNetwork network, Action<int, int, int, int> addRange)
{
    private readonly Dictionary<CodePointSet, List<(int First, int Last)>> _ranges = new(ReferenceEqualityComparer.Instance);

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="ConstraintException">The pattern can't be read (<see cref="ConstraintError.UnsupportedPattern"/>).</exception>
    public static PatternNode Parse(string pattern)
    {
        try
        {
            return PatternParser.Parse(pattern, asciiClasses: true);
        }
        catch (TokenizerException e)
        {
            throw new ConstraintException(ConstraintError.UnsupportedPattern, $"The constraint's pattern '{TokenizerJson.Quote(pattern)}' can't be read: {e.Message}", e);
        }
    }

    /// <summary>Adds the pattern as a search: what is before and after a side without an anchor is free, as JSON Schema has it.</summary>
    public int AddSearch(PatternNode pattern, int from)
    {
        var end = network.AddState();
        foreach (var alternative in pattern is PatternNode.Choice choice ? choice.Parts : [pattern])
        {
            var (body, hasStart, hasEnd) = Anchors(alternative);
            var start = hasStart ? from : AddAnything(from);
            var last = Add(body, start);
            network.AddEmpty(hasEnd ? last : AddAnything(last), end);
        }

        return end;
    }

    /// <summary>Adds the pattern as the whole.</summary>
    public int AddWhole(PatternNode pattern, int from)
    {
        var end = network.AddState();
        foreach (var alternative in pattern is PatternNode.Choice choice ? choice.Parts : [pattern])
        {
            network.AddEmpty(Add(Anchors(alternative).Body, from), end);
        }

        return end;
    }

    private static (PatternNode Body, bool HasStart, bool HasEnd) Anchors(PatternNode alternative)
    {
        var parts = alternative is PatternNode.Sequence sequence ? sequence.Parts : [alternative];
        var hasStart = parts is [PatternNode.Place { Code: PatternCode.LineStart or PatternCode.TextStart }, ..];
        parts = [.. parts.Skip(hasStart ? 1 : 0)];
        var hasEnd = parts is [.., PatternNode.Place { Code: PatternCode.LineEnd or PatternCode.TextEnd or PatternCode.TextEndOrLastLine }];
        return (new PatternNode.Sequence([.. parts.SkipLast(hasEnd ? 1 : 0)]), hasStart, hasEnd);
    }

    private int AddAnything(int from)
    {
        var loop = network.AddState();
        network.AddEmpty(from, loop);
        addRange(loop, 0, 0x10FFFF, loop);
        return loop;
    }

    private int Add(PatternNode node, int from)
    {
        switch (node)
        {
            case PatternNode.Set set:
                return AddSet(set.Value, from);
            case PatternNode.Sequence sequence:
                return sequence.Parts.Aggregate(from, (state, part) => Add(part, state));
            case PatternNode.Choice choice:
                var end = network.AddState();
                foreach (var part in choice.Parts)
                {
                    network.AddEmpty(Add(part, from), end);
                }

                return end;
            case PatternNode.Repeat { Greed: not PatternGreed.Possessive } repeat:
                return AddRepeat(repeat, from);
            case PatternNode.Ahead:
                throw Unsupported("looks ahead");
            case PatternNode.Behind:
                throw Unsupported("looks back");
            case PatternNode.Place:
                throw Unsupported("has an anchor or a word's boundary within it");
            default:
                throw Unsupported("has an atomic group or a possessive repetition");
        }
    }

    private int AddSet(CodePointSet set, int from)
    {
        if (!_ranges.TryGetValue(set, out var ranges))
        {
            _ranges[set] = ranges = Utf8Ranges.Of(set);
        }

        var end = network.AddState();
        foreach (var (first, last) in ranges)
        {
            addRange(from, first, last, end);
        }

        return end;
    }

    private int AddRepeat(PatternNode.Repeat repeat, int from)
    {
        for (var i = 0; i < repeat.Minimum; i++)
        {
            from = Add(repeat.Body, from);
        }

        var end = network.AddState();
        network.AddEmpty(from, end);
        if (repeat.Maximum == int.MaxValue)
        {
            network.AddEmpty(Add(repeat.Body, end), end);
            return end;
        }

        for (var i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            from = Add(repeat.Body, from);
            network.AddEmpty(from, end);
        }

        return end;
    }

    private static ConstraintException Unsupported(string what) =>
        new(ConstraintError.UnsupportedPattern, $"The constraint's pattern {what}, which constraints do not have. Write it without.");
}
