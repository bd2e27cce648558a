using System.Globalization;

namespace Coffer.Text;

/// <summary>Reads what stands for one character of many: classes in brackets, and escapes, inside them and outside.</summary>
/// <param name="cursor">Where the pattern is read.</param>
/// <param name="asciiClasses">Whether <c>\d</c> and <c>\w</c> are those of ASCII, as in ECMA-262, instead of Unicode's.</param>
internal sealed class PatternClassParser(PatternCursor cursor, bool asciiClasses)
{
    /// <summary>A class after its '['.</summary>
    public CodePointSet Read(bool ignoresCase)
    {
        cursor.Enter();
        var isNegated = cursor.Take('^');
        CodePointSet? before = null;
        var set = new CodePointSet();
        for (var isFirst = true; ; isFirst = false)
        {
            if (cursor.IsAtEnd)
            {
                throw cursor.Unsupported("has a '[' without ']'");
            }

            if (!isFirst && cursor.Take(']'))
            {
                break;
            }

            if (cursor.TakeText("&&"))
            {
                before = before is null ? set : before.Intersect(set);
                set = new();
                continue;
            }

            if (cursor.Next == '[' && cursor.StartsWith("[:"))
            {
                throw cursor.Unsupported("has a POSIX class");
            }

            if (cursor.Take('['))
            {
                set.AddRule(Read(ignoresCase).Contains);
                continue;
            }

            AddMember(set, ignoresCase);
        }

        cursor.Leave();
        return (before?.Intersect(set) ?? set).Freeze(isNegated);
    }

    private void AddMember(CodePointSet set, bool ignoresCase)
    {
        if (!TryReadMember(set, ignoresCase, out var first))
        {
            return;
        }

        var last = first;
        if (!cursor.IsAtEnd && cursor.Next == '-' && cursor.Position + 1 < cursor.Pattern.Length && cursor.Pattern[cursor.Position + 1] != ']')
        {
            cursor.Position++;
            if (cursor.Next == '[' || !TryReadMember(set, ignoresCase, out last) || last < first)
            {
                throw cursor.Unsupported("has a range");
            }
        }

        set.AddRange(first, last, ignoresCase);
    }

    /// <summary>A single character of a class, or what adds itself.</summary>
    private bool TryReadMember(CodePointSet set, bool ignoresCase, out int codePoint)
    {
        codePoint = cursor.ReadCodePoint();
        if (codePoint != '\\')
        {
            return true;
        }

        if (cursor.IsAtEnd)
        {
            throw cursor.Unsupported("ends in a backslash");
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
    public void AddEscape(CodePointSet set, bool ignoresCase, out int codePoint)
    {
        var escape = cursor.ReadCodePoint();
        codePoint = -1;
        switch (escape)
        {
            case 's' or 'S':
                set.AddRule(CodePointClass.IsWhiteSpace, escape == 'S');
                return;
            case 'd' or 'D' when asciiClasses:
                set.AddRule(c => c is >= '0' and <= '9', escape == 'D');
                return;
            case 'w' or 'W' when asciiClasses:
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
            < 128 when char.IsAsciiLetterOrDigit((char)escape) => throw cursor.Unsupported($"has the escape '\\{(char)escape}'"),
            _ => escape,
        };
        set.AddRange(codePoint, codePoint, ignoresCase);
    }

    private void AddProperty(CodePointSet set, bool isNegated)
    {
        var close = !cursor.IsAtEnd && cursor.Next == '{' ? cursor.Find('}') : -1;
        if (close < 0)
        {
            throw cursor.Unsupported("has a property without braces");
        }

        var name = cursor.Pattern[(cursor.Position + 1)..close];
        cursor.Position = close + 1;
        var isInverted = name.StartsWith('^');
        if (!set.TryAddProperty(isInverted ? name[1..] : name, isNegated != isInverted))
        {
            throw cursor.Unsupported($"has the property '{TokenizerJson.Quote(name)}'");
        }
    }

    /// <summary>So many digits, or any number in braces.</summary>
    private int ReadHex(int digits)
    {
        var close = !cursor.IsAtEnd && cursor.Next == '{' ? cursor.Find('}') : -1;
        var (start, end) = close < 0 ? (cursor.Position, Math.Min(cursor.Position + digits, cursor.Pattern.Length)) : (cursor.Position + 1, close);
        if (!int.TryParse(cursor.Pattern.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || value is < 0 or > 0x10FFFF)
        {
            throw cursor.Unsupported("has a character's number");
        }

        cursor.Position = close < 0 ? end : close + 1;
        return value;
    }

    // Oniguruma counts these numbers of Latin-1 as words.
    private static bool IsWord(int codePoint) => CodePointClass.IsWord(codePoint) || codePoint is 0xB2 or 0xB3 or 0xB9 or (>= 0xBC and <= 0xBE);
}
