namespace Coffer.Text;

/// <summary>
/// Finds a regular expression, code point by code point, trying alternatives in order as Oniguruma does. The patterns of tokenizers take time linear
/// in the text; any other is stopped by its work.
/// </summary>
internal sealed class RegexMatcher : WordMatcher
{
    private readonly string _pattern;
    private readonly PatternInstruction[] _code;

    /// <exception cref="TokenizerException">The pattern has what is not supported.</exception>
    public RegexMatcher(string pattern)
    {
        _pattern = pattern;
        _code = new PatternCompiler(pattern).Compile(PatternParser.Parse(pattern));
    }

    public override bool TryFind(ReadOnlySpan<char> text, int from, ref long work, out int start, out int end)
    {
        for (start = from; start <= text.Length; start++)
        {
            var isInside = start > 0 && start < text.Length && char.IsLowSurrogate(text[start]) && char.IsHighSurrogate(text[start - 1]);
            if (!isInside && TryMatch(text, 0, start, ref work, out end))
            {
                return true;
            }
        }

        end = start;
        return false;
    }

    private bool TryMatch(ReadOnlySpan<char> text, int instruction, int position, ref long work, out int end)
    {
        var frames = new PatternStack(stackalloc PatternFrame[32]);
        while (true)
        {
            if (--work < 0)
            {
                throw TooMuchWork();
            }

            ref readonly var step = ref _code[instruction];
            var matches = true;
            switch (step.Code)
            {
                case PatternCode.Match:
                    end = position;
                    return true;
                case PatternCode.Set:
                    matches = position < text.Length && step.Set!.Contains(At(text, position, out var units)) && (position += units) > 0;
                    instruction++;
                    break;
                case PatternCode.Run:
                    matches = TryRun(text, step, ref position, out var least, ref work);
                    if (matches && !step.IsPossessive && position > least)
                    {
                        frames.Push(new(instruction, least, position));
                    }

                    instruction++;
                    break;
                case PatternCode.Fork:
                    frames.Push(new(step.Target, position, -1));
                    instruction++;
                    break;
                case PatternCode.LazyFork:
                    frames.Push(new(instruction + 1, position, -1));
                    instruction = step.Target;
                    break;
                case PatternCode.Jump:
                    instruction = step.Target;
                    break;
                case PatternCode.Ahead:
                    matches = TryMatch(text, instruction + 1, position, ref work, out _) != step.IsNegated;
                    instruction = step.Target;
                    break;
                case PatternCode.Atomic:
                    matches = TryMatch(text, instruction + 1, position, ref work, out var after);
                    position = matches ? after : position;
                    instruction = step.Target;
                    break;
                case PatternCode.Behind:
                    matches = (position > 0 && step.Set!.Contains(Before(text, position))) != step.IsNegated;
                    instruction++;
                    break;
                default:
                    matches = IsAtPlace(step.Code, text, position);
                    instruction++;
                    break;
            }

            if (!matches && !TryGoBack(text, ref frames, out instruction, out position))
            {
                end = position;
                return false;
            }
        }
    }

    /// <summary>Takes as many code points of the set as there are.</summary>
    private static bool TryRun(ReadOnlySpan<char> text, in PatternInstruction step, ref int position, out int least, ref long work)
    {
        var count = 0;
        least = position;
        while (count < step.Maximum && position < text.Length && step.Set!.Contains(At(text, position, out var units)))
        {
            position += units;
            if (++count == step.Minimum)
            {
                least = position;
            }
        }

        work -= count;
        return count >= step.Minimum;
    }

    private static bool TryGoBack(ReadOnlySpan<char> text, ref PatternStack frames, out int instruction, out int position)
    {
        if (!frames.TryPop(out var frame))
        {
            (instruction, position) = (0, 0);
            return false;
        }

        if (frame.RunEnd < 0)
        {
            (instruction, position) = (frame.Instruction, frame.Position);
            return true;
        }

        // A run gives back its last code point.
        position = frame.RunEnd - (frame.RunEnd - frame.Position >= 2 && char.IsLowSurrogate(text[frame.RunEnd - 1]) && char.IsHighSurrogate(text[frame.RunEnd - 2]) ? 2 : 1);
        instruction = frame.Instruction + 1;
        if (position > frame.Position)
        {
            frames.Push(frame with { RunEnd = position });
        }

        return true;
    }

    private static bool IsAtPlace(PatternCode place, ReadOnlySpan<char> text, int position) => place switch
    {
        PatternCode.TextStart => position == 0,
        PatternCode.TextEnd => position == text.Length,
        PatternCode.TextEndOrLastLine => position == text.Length || (position == text.Length - 1 && text[position] == '\n'),
        PatternCode.LineStart => position == 0 || text[position - 1] == '\n',
        PatternCode.LineEnd => position == text.Length || text[position] == '\n',
        PatternCode.WordBoundary => IsWordAt(text, position) != IsWordBefore(text, position),
        _ => IsWordAt(text, position) == IsWordBefore(text, position),
    };

    private static bool IsWordAt(ReadOnlySpan<char> text, int position) => position < text.Length && CodePointClass.IsWord(At(text, position, out _));

    private static bool IsWordBefore(ReadOnlySpan<char> text, int position) => position > 0 && CodePointClass.IsWord(Before(text, position));

    private static int At(ReadOnlySpan<char> text, int index, out int units)
    {
        var unit = text[index];
        units = char.IsHighSurrogate(unit) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;
        return units == 2 ? char.ConvertToUtf32(unit, text[index + 1]) : unit;
    }

    private static int Before(ReadOnlySpan<char> text, int index) =>
        index > 1 && char.IsLowSurrogate(text[index - 1]) && char.IsHighSurrogate(text[index - 2]) ? char.ConvertToUtf32(text[index - 2], text[index - 1]) : text[index - 1];

    private TokenizerException TooMuchWork() =>
        new(TokenizerError.PatternTooSlow, $"The tokenizer's pattern '{TokenizerJson.Quote(_pattern)}' takes too many steps on this text. Shorten the text, or export the tokenizer with another pattern.");
}
