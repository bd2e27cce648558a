using System.Globalization;

namespace Coffer.Text;

/// <summary>
/// Reads the regular expressions of tokenizer.json, which are Oniguruma's, as far as tokenizers use them: characters, classes, Unicode
/// categories and scripts, groups, choices, repetitions, looking ahead, looking one character back, anchors. <c>\s</c> is White_Space, <c>\d</c> is Nd; case is
/// ignored for ASCII letters, as transformers.js does.
/// </summary>
internal sealed class PatternParser
{
    // Nested limits multiply.
    private const int MaxRepeat = 1000;

    private readonly PatternCursor _cursor;
    private readonly PatternClassParser _classes;

    private PatternParser(string pattern, bool asciiClasses)
    {
        _cursor = new PatternCursor(pattern);
        _classes = new PatternClassParser(_cursor, asciiClasses);
    }

    /// <param name="pattern">The pattern.</param>
    /// <param name="asciiClasses">Whether <c>\d</c> and <c>\w</c> are those of ASCII, as in ECMA-262, instead of Unicode's.</param>
    /// <exception cref="TokenizerException">The pattern has what this reader does not know (<see cref="TokenizerError.UnsupportedSetting"/>).</exception>
    public static PatternNode Parse(string pattern, bool asciiClasses = false)
    {
        var parser = new PatternParser(pattern, asciiClasses);
        var node = parser.ReadChoice(ignoresCase: false);
        return parser._cursor.IsAtEnd ? node : throw parser._cursor.Unsupported("has a ')' without '('");
    }

    public static TokenizerException Unsupported(string pattern, string what) =>
        new(TokenizerError.UnsupportedSetting, $"The tokenizer's pattern '{TokenizerJson.Quote(pattern)}' {what}, which this version of Coffer does not read. Use a newer version, or export the tokenizer with another pattern.");

    private PatternNode ReadChoice(bool ignoresCase)
    {
        _cursor.Enter();
        var parts = new List<PatternNode> { ReadSequence(ref ignoresCase) };
        while (_cursor.Take('|'))
        {
            parts.Add(ReadSequence(ref ignoresCase));
        }

        _cursor.Leave();
        return parts.Count == 1 ? parts[0] : new PatternNode.Choice(parts);
    }

    private PatternNode.Sequence ReadSequence(ref bool ignoresCase)
    {
        var parts = new List<PatternNode>();
        while (!_cursor.IsAtEnd && _cursor.Next is not '|' and not ')')
        {
            if (_cursor.TakeText("(?i)"))
            {
                ignoresCase = true;
                continue;
            }

            var atom = ReadAtom(ignoresCase);
            while (TryReadRepeat(atom, out var repeated))
            {
                atom = repeated;
            }

            parts.Add(atom);
        }

        return new(parts);
    }

    private PatternNode ReadAtom(bool ignoresCase)
    {
        if (_cursor.Next is '*' or '+' or '?')
        {
            throw _cursor.Unsupported("repeats nothing");
        }

        var character = _cursor.ReadCodePoint();
        switch (character)
        {
            case '(':
                return ReadGroup(ignoresCase);
            case '[':
                return new PatternNode.Set(_classes.Read(ignoresCase));
            case '.':
                return new PatternNode.Set(CodePointSet.Dot());
            case '^':
                return new PatternNode.Place(PatternCode.LineStart);
            case '$':
                return new PatternNode.Place(PatternCode.LineEnd);
            case '\\':
                return ReadEscape(ignoresCase);
            default:
                return new PatternNode.Set(CodePointSet.Of(character, ignoresCase));
        }
    }

    private PatternNode ReadGroup(bool ignoresCase)
    {
        var (kind, negated) = _cursor.TakeText("?:") ? (':', false)
            : _cursor.TakeText("?i:") ? ('i', false)
            : _cursor.TakeText("?-i:") ? ('c', false)
            : _cursor.TakeText("?=") ? ('=', false)
            : _cursor.TakeText("?!") ? ('=', true)
            : _cursor.TakeText("?<=") ? ('<', false)
            : _cursor.TakeText("?<!") ? ('<', true)
            : _cursor.TakeText("?>") ? ('>', false)
            : !_cursor.IsAtEnd && _cursor.Next == '?' ? throw _cursor.Unsupported("has a kind of group") : ('(', false);
        var body = ReadChoice(kind == 'i' || (ignoresCase && kind != 'c'));
        if (!_cursor.Take(')'))
        {
            throw _cursor.Unsupported("has a '(' without ')'");
        }

        return kind switch
        {
            '=' => new PatternNode.Ahead(body, negated),
            '<' => new PatternNode.Behind(body is PatternNode.Sequence { Parts: [PatternNode.Set set] } ? set.Value : throw _cursor.Unsupported("looks back at more than a character"), negated),
            '>' => new PatternNode.Atomic(body),
            _ => body,
        };
    }

    private bool TryReadRepeat(PatternNode atom, out PatternNode repeated)
    {
        repeated = atom;
        var (minimum, maximum) = (0, int.MaxValue);
        var hasLimits = false;
        if (_cursor.Take('?'))
        {
            maximum = 1;
        }
        else if (_cursor.Take('+'))
        {
            minimum = 1;
        }
        else if (!_cursor.Take('*'))
        {
            hasLimits = TryReadLimits(out minimum, out maximum);
            if (!hasLimits)
            {
                return false;
            }
        }

        if (minimum > MaxRepeat || (maximum > MaxRepeat && maximum != int.MaxValue) || maximum < minimum)
        {
            throw _cursor.Unsupported("has limits of a repetition");
        }

        // In Oniguruma's syntax a '+' after limits repeats the whole again.
        var greed = _cursor.Take('?') ? PatternGreed.Lazy : !hasLimits && _cursor.Take('+') ? PatternGreed.Possessive : PatternGreed.Greedy;
        repeated = new PatternNode.Repeat(atom, minimum, maximum, greed);
        return true;
    }

    private bool TryReadLimits(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, int.MaxValue);
        var close = !_cursor.IsAtEnd && _cursor.Next == '{' ? _cursor.Find('}') : -1;
        if (close < 0)
        {
            return false;
        }

        var body = _cursor.Pattern.AsSpan(_cursor.Position + 1, close - _cursor.Position - 1);
        var comma = body.IndexOf(',');
        var first = comma < 0 ? body : body[..comma];
        var last = comma < 0 ? body : body[(comma + 1)..];
        if ((first.IsEmpty && last.IsEmpty) || !TryReadLimit(first, 0, out minimum) || !TryReadLimit(last, int.MaxValue, out maximum))
        {
            return false;
        }

        _cursor.Position = close + 1;
        return true;
    }

    private static bool TryReadLimit(ReadOnlySpan<char> digits, int otherwise, out int value)
    {
        value = otherwise;
        return digits.IsEmpty || int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private PatternNode ReadEscape(bool ignoresCase)
    {
        if (_cursor.IsAtEnd)
        {
            throw _cursor.Unsupported("ends in a backslash");
        }

        PatternCode? place = _cursor.Next switch
        {
            'A' => PatternCode.TextStart,
            'z' => PatternCode.TextEnd,
            'Z' => PatternCode.TextEndOrLastLine,
            'b' => PatternCode.WordBoundary,
            'B' => PatternCode.NoWordBoundary,
            _ => null,
        };
        if (place is { } code)
        {
            _cursor.Position++;
            return new PatternNode.Place(code);
        }

        var set = new CodePointSet();
        _classes.AddEscape(set, ignoresCase, out _);
        return new PatternNode.Set(set.Freeze(isNegated: false));
    }
}
