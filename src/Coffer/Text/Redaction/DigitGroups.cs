using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Coffer.Text;

/// <summary>Groups of digits, a separator between each two, as a number of a card, a telephone or an id is written.</summary>
internal ref struct DigitGroups
{
    public const int MostGroups = 8;
    public const int MostDigits = 20;

    private Digits _digits;
    private Ends _ends;
    private Ends _counts;
    private Separators _separators;

    /// <summary>How many groups there are.</summary>
    public int Count { get; private set; }

    /// <summary>The place of the first digit, or of the parenthesis before it.</summary>
    public int Start { get; private set; }

    /// <summary>Whether the first group stands in parentheses.</summary>
    public bool IsFirstInParentheses { get; private set; }

    /// <summary>The values of the digits of the first so many groups.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Of(int groups) => ((ReadOnlySpan<byte>)_digits)[.._counts[groups - 1]];

    /// <summary>How many digits a group has.</summary>
    public readonly int Length(int group) => _counts[group] - (group == 0 ? 0 : _counts[group - 1]);

    /// <summary>Where a group ends.</summary>
    public readonly int End(int group) => _ends[group];

    /// <summary>What stands between a group and the next; blank for a parenthesis with or without one.</summary>
    public readonly char Separator(int group) => _separators[group];

    /// <summary>Whether the first groups have these lengths, and the same separator between each two.</summary>
    public readonly bool HasShape(ReadOnlySpan<byte> lengths, ReadOnlySpan<char> separators)
    {
        if (Count < lengths.Length)
        {
            return false;
        }

        for (var i = 0; i < lengths.Length; i++)
        {
            if (Length(i) != lengths[i] || (i + 1 < lengths.Length && (!separators.Contains(_separators[i]) || _separators[i] != _separators[0])))
            {
                return false;
            }
        }

        return true;
    }

    public static DigitGroups Read(ReadOnlySpan<char> text, int start)
    {
        var groups = new DigitGroups { Start = start };
        var at = start;
        if (text[at] == '(')
        {
            groups.IsFirstInParentheses = true;
            at++;
        }

        var digits = 0;
        while (true)
        {
            while (at < text.Length && char.IsAsciiDigit(text[at]))
            {
                if (digits == MostDigits)
                {
                    return groups;
                }

                groups._digits[digits++] = (byte)(text[at++] - '0');
            }

            // Digits that run on into letters are no number.
            if (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_'))
            {
                return groups;
            }

            groups._counts[groups.Count] = (byte)digits;
            groups._ends[groups.Count] = at;
            groups.Count++;
            var next = Separator(text, at, out var separator);
            if (next == 0 || groups.Count == MostGroups)
            {
                return groups;
            }

            groups._separators[groups.Count - 1] = separator;
            at = next;
        }
    }

    // One sign, or a parenthesis with a blank or a hyphen: what is between two groups. Returns where the next begins; 0 if none does.
    private static int Separator(ReadOnlySpan<char> text, int at, out char separator)
    {
        separator = ' ';
        var next = at;
        while (next < text.Length && next - at < 3 && text[next] is ' ' or '-' or '.' or '/' or '(' or ')')
        {
            if (text[next] is not ('(' or ')' or ' '))
            {
                separator = text[next];
            }

            next++;
        }

        var isOne = next == at + 1;
        var hasParenthesis = next > at && text[at..next].IndexOfAny('(', ')') >= 0;
        return (isOne || hasParenthesis) && next < text.Length && char.IsAsciiDigit(text[next]) ? next : 0;
    }

    [InlineArray(MostDigits)]
    private struct Digits
    {
        private byte _first;
    }

    [InlineArray(MostGroups)]
    private struct Ends
    {
        private int _first;
    }

    [InlineArray(MostGroups)]
    private struct Separators
    {
        private char _first;
    }
}
