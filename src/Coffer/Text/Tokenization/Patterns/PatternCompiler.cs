namespace Coffer.Text;

/// <summary>Turns a pattern into instructions.</summary>
internal sealed class PatternCompiler(string pattern)
{
    // Repetitions with limits are written out; the patterns of tokenizers have a few hundred instructions.
    private const int MaxInstructions = 20_000;

    // Repetitions of nothing add no instructions, but take their time.
    private const int MaxWrites = 200_000;

    private readonly List<PatternInstruction> _code = [];
    private int _writes;

    /// <exception cref="TokenizerException">The pattern repeats what can be empty, or is too large.</exception>
    public PatternInstruction[] Compile(PatternNode root)
    {
        Write(root);
        Add(new(PatternCode.Match));
        return [.. _code];
    }

    private void Write(PatternNode node)
    {
        if (++_writes > MaxWrites)
        {
            throw PatternParser.Unsupported(pattern, "is too large");
        }

        switch (node)
        {
            case PatternNode.Set set:
                Add(new(PatternCode.Set) { Set = set.Value });
                break;
            case PatternNode.Sequence sequence:
                foreach (var part in sequence.Parts)
                {
                    Write(part);
                }

                break;
            case PatternNode.Choice choice:
                WriteChoice(choice);
                break;
            case PatternNode.Repeat repeat:
                WriteRepeat(repeat);
                break;
            case PatternNode.Ahead ahead:
                WriteBody(new(PatternCode.Ahead) { IsNegated = ahead.IsNegated }, ahead.Body);
                break;
            case PatternNode.Behind behind:
                Add(new(PatternCode.Behind) { Set = behind.Value, IsNegated = behind.IsNegated });
                break;
            case PatternNode.Atomic atomic:
                WriteBody(new(PatternCode.Atomic), atomic.Body);
                break;
            case PatternNode.Place place:
                Add(new(place.Code));
                break;
        }
    }

    private void WriteChoice(PatternNode.Choice choice)
    {
        var jumps = new List<int>();
        for (var i = 0; i < choice.Parts.Count; i++)
        {
            var isLast = i == choice.Parts.Count - 1;
            var fork = isLast ? -1 : Add(new(PatternCode.Fork));
            Write(choice.Parts[i]);
            if (!isLast)
            {
                jumps.Add(Add(new(PatternCode.Jump)));
                PointHere(fork);
            }
        }

        jumps.ForEach(PointHere);
    }

    private void WriteRepeat(PatternNode.Repeat repeat)
    {
        if (repeat is { Body: PatternNode.Set set, Greed: not PatternGreed.Lazy })
        {
            Add(new(PatternCode.Run) { Set = set.Value, Minimum = repeat.Minimum, Maximum = repeat.Maximum, IsPossessive = repeat.Greed == PatternGreed.Possessive });
            return;
        }

        if (repeat.Greed == PatternGreed.Possessive)
        {
            WriteBody(new(PatternCode.Atomic), repeat with { Greed = PatternGreed.Greedy });
            return;
        }

        for (var i = 0; i < repeat.Minimum; i++)
        {
            Write(repeat.Body);
        }

        var fork = repeat.Greed == PatternGreed.Lazy ? PatternCode.LazyFork : PatternCode.Fork;
        if (repeat.Maximum == int.MaxValue)
        {
            if (repeat.Body.CanBeEmpty)
            {
                throw PatternParser.Unsupported(pattern, "repeats without limit what can be empty");
            }

            var start = Add(new(fork));
            Write(repeat.Body);
            Add(new(PatternCode.Jump) { Target = start });
            PointHere(start);
            return;
        }

        var forks = new List<int>();
        for (var i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            forks.Add(Add(new(fork)));
            Write(repeat.Body);
        }

        forks.ForEach(PointHere);
    }

    private void WriteBody(PatternInstruction head, PatternNode body)
    {
        var start = Add(head);
        Write(body);
        Add(new(PatternCode.Match));
        PointHere(start);
    }

    private int Add(PatternInstruction instruction)
    {
        if (_code.Count == MaxInstructions)
        {
            throw PatternParser.Unsupported(pattern, "is too large");
        }

        _code.Add(instruction);
        return _code.Count - 1;
    }

    private void PointHere(int instruction) => _code[instruction] = _code[instruction] with { Target = _code.Count };
}
