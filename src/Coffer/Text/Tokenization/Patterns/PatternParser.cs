using System.Globalization;

namespace Coffer.Text;

/// <summary>
/// Reads the regular expressions of tokenizer.json, which are Oniguruma's, as far as tokenizers use them: characters, classes, Unicode
/// categories and scripts, groups, choices, repetitions, looking ahead, looking one character back, anchors. <c>\s</c> is White_Space, <c>\d</c> is Nd; case is
/// ignored for ASCII letters, as transformers.js does.
/// </summary>
internal sealed class PatternParser
{
    private const int MaxDepth = 50;

    // Nested limits multiply.
    private const int MaxRepeat = 1000;

    private readonly string _pattern;
    private readonly bool _asciiClasses;
    private int _position;
    private int _depth;

    private PatternParser(string pattern, bool asciiClasses) => (_pattern, _asciiClasses) = (pattern, asciiClasses);

    private bool IsAtEnd => _position >= _pattern.Length;

    /// <param name="pattern">The pattern.</param>
    /// <param name="asciiClasses">Whether <c>\d</c> and <c>\w</c> are those of ASCII, as in ECMA-262, instead of Unicode's.</param>
    /// <exception cref="TokenizerException">The pattern has what this reader does not know (<see cref="TokenizerError.UnsupportedSetting"/>).</exception>
    public static PatternNode Parse(string pattern, bool asciiClasses = false)
    {
        var parser = new PatternParser(pattern, asciiClasses);
        var node = parser.ReadChoice(ignoresCase: false);
        return parser.IsAtEnd ? node : throw parser.Unsupported("has a ')' without '('");
    }

    public static TokenizerException Unsupported(string pattern, string what) =>
        new(TokenizerError.UnsupportedSetting, $"The tokenizer's pattern '{TokenizerJson.Quote(pattern)}' {what}, which this version of Coffer does not read. Use a newer version, or export the tokenizer with another pattern.");

    private PatternNode ReadChoice(bool ignoresCase)
    {
        if (++_depth > MaxDepth)
        {
            throw Unsupported("is nested too deeply");
        }

        var parts = new List<PatternNode> { ReadSequence(ref ignoresCase) };
        while (Take('|'))
        {
            parts.Add(ReadSequence(ref ignoresCase));
        }

        _depth--;
        return parts.Count == 1 ? parts[0] : new PatternNode.Choice(parts);
    }

    private PatternNode.Sequence ReadSequence(ref bool ignoresCase)
    {
        var parts = new List<PatternNode>();
        while (!IsAtEnd && _pattern[_position] is not '|' and not ')')
        {
            if (TakeText("(?i)"))
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
        if (_pattern[_position] is '*' or '+' or '?')
        {
            throw Unsupported("repeats nothing");
        }

        var character = ReadCodePoint();
        switch (character)
        {
            case '(':
                return ReadGroup(ignoresCase);
            case '[':
                return new PatternNode.Set(ReadClass(ignoresCase));
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
        var (kind, negated) = TakeText("?:") ? (':', false)
            : TakeText("?i:") ? ('i', false)
            : TakeText("?-i:") ? ('c', false)
            : TakeText("?=") ? ('=', false)
            : TakeText("?!") ? ('=', true)
            : TakeText("?<=") ? ('<', false)
            : TakeText("?<!") ? ('<', true)
            : TakeText("?>") ? ('>', false)
            : !IsAtEnd && _pattern[_position] == '?' ? throw Unsupported("has a kind of group") : ('(', false);
        var body = ReadChoice(kind == 'i' || (ignoresCase && kind != 'c'));
        if (!Take(')'))
        {
            throw Unsupported("has a '(' without ')'");
        }

        return kind switch
        {
            '=' => new PatternNode.Ahead(body, negated),
            '<' => new PatternNode.Behind(body is PatternNode.Sequence { Parts: [PatternNode.Set set] } ? set.Value : throw Unsupported("looks back at more than a character"), negated),
            '>' => new PatternNode.Atomic(body),
            _ => body,
        };
    }

    private bool TryReadRepeat(PatternNode atom, out PatternNode repeated)
    {
        repeated = atom;
        var (minimum, maximum) = (0, int.MaxValue);
        var hasLimits = false;
        if (Take('?'))
        {
            maximum = 1;
        }
        else if (Take('+'))
        {
            minimum = 1;
        }
        else if (!Take('*'))
        {
            hasLimits = TryReadLimits(out minimum, out maximum);
            if (!hasLimits)
            {
                return false;
            }
        }

        if (minimum > MaxRepeat || (maximum > MaxRepeat && maximum != int.MaxValue) || maximum < minimum)
        {
            throw Unsupported("has limits of a repetition");
        }

        // In Oniguruma's syntax a '+' after limits repeats the whole again.
        var greed = Take('?') ? PatternGreed.Lazy : !hasLimits && Take('+') ? PatternGreed.Possessive : PatternGreed.Greedy;
        repeated = new PatternNode.Repeat(atom, minimum, maximum, greed);
        return true;
    }

    private bool TryReadLimits(out int minimum, out int maximum)
    {
        (minimum, maximum) = (0, int.MaxValue);
        var close = !IsAtEnd && _pattern[_position] == '{' ? _pattern.IndexOf('}', _position) : -1;
        if (close < 0)
        {
            return false;
        }

        var body = _pattern.AsSpan(_position + 1, close - _position - 1);
        var comma = body.IndexOf(',');
        var first = comma < 0 ? body : body[..comma];
        var last = comma < 0 ? body : body[(comma + 1)..];
        if ((first.IsEmpty && last.IsEmpty) || !TryReadLimit(first, 0, out minimum) || !TryReadLimit(last, int.MaxValue, out maximum))
        {
            return false;
        }

        _position = close + 1;
        return true;
    }

    private static bool TryReadLimit(ReadOnlySpan<char> digits, int otherwise, out int value)
    {
        value = otherwise;
        return digits.IsEmpty || int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private PatternNode ReadEscape(bool ignoresCase)
    {
        if (IsAtEnd)
        {
            throw Unsupported("ends in a backslash");
        }

        PatternCode? place = _pattern[_position] switch
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
            _position++;
            return new PatternNode.Place(code);
        }

        var set = new CodePointSet();
        AddEscape(set, ignoresCase, out _);
        return new PatternNode.Set(set.Freeze(isNegated: false));
    }

    /// <summary>A class after its '['.</summary>
    private CodePointSet ReadClass(bool ignoresCase)
    {
        if (++_depth > MaxDepth)
        {
            throw Unsupported("is nested too deeply");
        }

        var isNegated = Take('^');
        CodePointSet? before = null;
        var set = new CodePointSet();
        for (var isFirst = true; ; isFirst = false)
        {
            if (IsAtEnd)
            {
                throw Unsupported("has a '[' without ']'");
            }

            if (!isFirst && Take(']'))
            {
                break;
            }

            if (TakeText("&&"))
            {
                before = before is null ? set : before.Intersect(set);
                set = new();
                continue;
            }

            if (_pattern[_position] == '[' && _pattern.AsSpan(_position).StartsWith("[:"))
            {
                throw Unsupported("has a POSIX class");
            }

            if (Take('['))
            {
                set.AddRule(ReadClass(ignoresCase).Contains);
                continue;
            }

            AddMember(set, ignoresCase);
        }

        _depth--;
        return (before?.Intersect(set) ?? set).Freeze(isNegated);
    }

    private void AddMember(CodePointSet set, bool ignoresCase)
    {
        if (!TryReadMember(set, ignoresCase, out var first))
        {
            return;
        }

        var last = first;
        if (_position + 1 < _pattern.Length && _pattern[_position] == '-' && _pattern[_position + 1] != ']')
        {
            _position++;
            if (_pattern[_position] == '[' || !TryReadMember(set, ignoresCase, out last) || last < first)
            {
                throw Unsupported("has a range");
            }
        }

        set.AddRange(first, last, ignoresCase);
    }

    /// <summary>A single character of a class, or what adds itself.</summary>
    private bool TryReadMember(CodePointSet set, bool ignoresCase, out int codePoint)
    {
        codePoint = ReadCodePoint();
        if (codePoint != '\\')
        {
            return true;
        }

        if (IsAtEnd)
        {
            throw Unsupported("ends in a backslash");
        }

        var single = new CodePointSet();
        AddEscape(single, ignoresCase, out codePoint);
        if (codePoint >= 0)
        {
            return true;
        }

        set.AddRule(single.Freeze(isNegated: false).Contains);
        return false;
    }

    /// <summary>What follows a backslash.</summary>
    /// <param name="set">Gets it.</param>
    /// <param name="ignoresCase">Whether case is ignored.</param>
    /// <param name="codePoint">The one character that it is, or -1.</param>
    private void AddEscape(CodePointSet set, bool ignoresCase, out int codePoint)
    {
        var escape = ReadCodePoint();
        codePoint = -1;
        switch (escape)
        {
            case 's' or 'S':
                set.AddRule(CodePointClass.IsWhiteSpace, escape == 'S');
                return;
            case 'd' or 'D' when _asciiClasses:
                set.AddRule(c => c is >= '0' and <= '9', escape == 'D');
                return;
            case 'w' or 'W' when _asciiClasses:
                set.AddRule(c => c == '_' || (c < 128 && char.IsAsciiLetterOrDigit((char)c)), escape == 'W');
                return;
            case 'd' or 'D':
                set.TryAddProperty("Nd", escape == 'D');
                return;
            case 'w' or 'W':
                set.AddRule(IsWord, escape == 'W');
                return;
            case 'h' or 'H':
                set.AddRule(c => c < 128 && char.IsAsciiHexDigit((char)c), escape == 'H');
                return;
            case 'p' or 'P':
                AddProperty(set, escape == 'P');
                return;
        }

        codePoint = escape switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'a' => 7,
            'e' => 27,
            '0' => 0,
            'x' => ReadHex(2),
            'u' => ReadHex(4),
            < 128 when char.IsAsciiLetterOrDigit((char)escape) => throw Unsupported($"has the escape '\\{(char)escape}'"),
            _ => escape,
        };
        set.AddRange(codePoint, codePoint, ignoresCase);
    }

    private void AddProperty(CodePointSet set, bool isNegated)
    {
        var close = !IsAtEnd && _pattern[_position] == '{' ? _pattern.IndexOf('}', _position) : -1;
        if (close < 0)
        {
            throw Unsupported("has a property without braces");
        }

        var name = _pattern[(_position + 1)..close];
        _position = close + 1;
        var isInverted = name.StartsWith('^');
        if (!set.TryAddProperty(isInverted ? name[1..] : name, isNegated != isInverted))
        {
            throw Unsupported($"has the property '{TokenizerJson.Quote(name)}'");
        }
    }

    /// <summary>So many digits, or any number in braces.</summary>
    private int ReadHex(int digits)
    {
        var close = !IsAtEnd && _pattern[_position] == '{' ? _pattern.IndexOf('}', _position) : -1;
        var (start, end) = close < 0 ? (_position, Math.Min(_position + digits, _pattern.Length)) : (_position + 1, close);
        if (!int.TryParse(_pattern.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || value is < 0 or > 0x10FFFF)
        {
            throw Unsupported("has a character's number");
        }

        _position = close < 0 ? end : close + 1;
        return value;
    }

    private int ReadCodePoint()
    {
        var unit = _pattern[_position++];
        return char.IsHighSurrogate(unit) && !IsAtEnd && char.IsLowSurrogate(_pattern[_position]) ? char.ConvertToUtf32(unit, _pattern[_position++]) : unit;
    }

    private bool Take(char character)
    {
        var isThere = !IsAtEnd && _pattern[_position] == character;
        _position += isThere ? 1 : 0;
        return isThere;
    }

    private bool TakeText(string text)
    {
        var isThere = _pattern.AsSpan(_position).StartsWith(text, StringComparison.Ordinal);
        _position += isThere ? text.Length : 0;
        return isThere;
    }

    // Oniguruma counts these numbers of Latin-1 as words.
    private static bool IsWord(int codePoint) => CodePointClass.IsWord(codePoint) || codePoint is 0xB2 or 0xB3 or 0xB9 or (>= 0xBC and <= 0xBE);

    private TokenizerException Unsupported(string what) => Unsupported(_pattern, what);
}
