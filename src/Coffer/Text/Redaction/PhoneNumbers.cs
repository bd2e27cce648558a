namespace Coffer.Text;

/// <summary>
/// Telephone numbers: E.164 with its plus, or 00; and national forms that are no other number's: an area in parentheses, a leading 0 in
/// groups, North America's 3-3-4, China's mobiles. Any other number counts where a word before it says telephone.
/// </summary>
internal static class PhoneNumbers
{
    /// <summary>How many of the groups are a telephone number; 0 if none are.</summary>
    public static int Match(ReadOnlySpan<char> text, in DigitGroups groups)
    {
        var hasPlus = groups.Start > 0 && text[groups.Start - 1] == '+';
        for (var count = groups.Count; count > 0; count--)
        {
            var digits = groups.Of(count);
            if (digits.Length is >= 7 and <= 16 && IsAlone(text, groups.End(count - 1)) && IsNumber(text, groups, count, digits, hasPlus))
            {
                return count;
            }
        }

        return 0;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, in DigitGroups groups, int count, ReadOnlySpan<byte> digits, bool hasPlus)
    {
        if (hasPlus)
        {
            return digits[0] != 0 && digits.Length >= 8;
        }

        if (IsDate(groups, count))
        {
            return false;
        }

        if (digits is [0, 0, not 0, ..])
        {
            return digits.Length >= 10 && (count > 1 || Words.Phone.Precede(text, groups.Start));
        }

        var isEven = HasFewSeparators(groups, count);
        return (groups.IsFirstInParentheses && isEven && digits.Length is >= 8 and <= 12 && count > 1 && !(digits.Length > 3 && groups.Length(0) == 4 && digits[0] is 1 or 2))
            || (isEven && IsNorthAmerican(groups, count))
            || (isEven && digits is [0, not 0, ..] && count is > 1 and <= 6 && digits.Length is >= 9 and <= 12 && groups.Length(0) is >= 2 and <= 5)
            || (isEven && digits is [8 or 7, ..] && count > 2 && digits.Length == 11 && groups.Length(0) == 1 && groups.Length(1) == 3 && groups.Separator(0) == ' ')
            || (isEven && count == 4 && groups.HasShape([3, 2, 2, 2], " -.") && digits[0] is >= 6)
            || IsChineseMobile(groups, count, digits)
            || (digits.Length <= 13 && isEven && Words.Phone.Precede(text, groups.Start));
    }

    private static bool IsNorthAmerican(in DigitGroups groups, int count)
    {
        var digits = groups.Of(count);
        var area = digits.Length - 10;
        return (area == 0 ? groups.HasShape([3, 3, 4], "-. ") && count == 3 && groups.Separator(0) != ' ' : area == 1 && count == 4 && digits[0] == 1 && groups.Length(0) == 1 && groups.Length(1) == 3 && groups.Length(2) == 3)
            && digits[area] >= 2
            && digits[area + 3] >= 2;
    }

    private static bool IsChineseMobile(in DigitGroups groups, int count, ReadOnlySpan<byte> digits) =>
        digits is [1, >= 3, ..] && digits.Length == 11 && (count == 1 || (count == 3 && groups.HasShape([3, 4, 4], " -")));

    // A number is written with one kind of separator, or two.
    private static bool HasFewSeparators(in DigitGroups groups, int count)
    {
        var (slashes, dots, hyphens) = (0, 0, 0);
        for (var i = 0; i + 1 < count; i++)
        {
            _ = groups.Separator(i) switch { '/' => slashes++, '.' => dots++, '-' => hyphens++, _ => 0 };
        }

        return slashes <= 1 && (dots == 0 || dots == count - 1) && (hyphens == 0 || dots == 0);
    }

    // 01.02.2023, 01-02-2023, 01/02/23: a date, and what follows it.
    private static bool IsDate(in DigitGroups groups, int count) =>
        count >= 3
        && groups.Separator(0) == groups.Separator(1)
        && groups.Separator(0) is not ' '
        && ((groups.Length(0) <= 2 && groups.Length(1) <= 2 && groups.Length(2) == 4 && !groups.IsFirstInParentheses)
            || (groups.Length(0) == 4 && groups.Length(1) == 2 && groups.Length(2) == 2)
            || (count is 3 or 4 && groups.Length(0) == 2 && groups.Length(1) == 2 && groups.Length(2) == 2));

    // What goes on with a sign and a digit is a part of something longer.
    private static bool IsAlone(ReadOnlySpan<char> text, int end) =>
        end == text.Length || !((text[end] is '.' or ',' or ':' or '-' or '/' or '_' or '%' or '°' && end + 1 < text.Length && char.IsAsciiLetterOrDigit(text[end + 1])) || text[end] is '%' or '°' or '€' or '$');
}
