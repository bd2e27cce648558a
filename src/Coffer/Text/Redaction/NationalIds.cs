namespace Coffer.Text;

/// <summary>
/// National ids and tax numbers that are digits alone. Where the form and the check digits are strong they are enough; where one number in ten
/// would pass by chance, the number must be written in its country's form, or stand behind a word that says what it is.
/// </summary>
internal static class NationalIds
{
    /// <summary>How many of the groups are an id; 0 if none are.</summary>
    public static int Match(ReadOnlySpan<char> text, in DigitGroups groups)
    {
        for (var count = groups.Count; count > 0; count--)
        {
            var digits = groups.Of(count);
            if (digits.Length is >= 9 and <= 18 && IsId(text, groups, count, digits))
            {
                return count;
            }
        }

        return 0;
    }

    private static bool IsId(ReadOnlySpan<char> text, in DigitGroups groups, int count, ReadOnlySpan<byte> digits) => digits.Length switch
    {
        9 => IsNine(text, groups, count, digits),
        10 => IsTen(text, groups, count, digits),
        11 => IsEleven(text, groups, count, digits),
        12 => IsTwelve(text, groups, count, digits),
        13 => IsThirteen(groups, count, digits),
        15 => IsNir(groups, count, digits),
        18 => count == 1 && Calendar.IsYearMonthDay(digits[6..14]) && Checksums.Resident(digits, (char)('0' + digits[17])),
        _ => false,
    };

    // United States (SSA): no area 000, 666 or 9xx, no group 00, no serial 0000. Canada, the Netherlands, Portugal and Australia have nine digits too.
    private static bool IsNine(ReadOnlySpan<char> text, in DigitGroups groups, int count, ReadOnlySpan<byte> digits)
    {
        var area = Checksums.Number(digits[..3]);
        var isSsn = area is not (0 or 666 or >= 900) && Checksums.Number(digits[3..5]) != 0 && Checksums.Number(digits[5..]) != 0;
        return (isSsn && count == 3 && groups.HasShape([3, 2, 4], "-"))
            || ((isSsn || Checksums.Luhn(digits) || IsBsn(digits)) && (count == 1 || groups.HasShape([3, 2, 4], " ") || groups.HasShape([3, 3, 3], " -.")) && Words.Id.Precede(text, groups.Start));
    }

    private static bool IsBsn(ReadOnlySpan<byte> digits) => (Checksums.Weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) - digits[8]) % 11 == 0;

    // Sweden 6-4 with Luhn; Denmark 6-4 with a date; Austria 4-6 with a check digit in the fourth place.
    private static bool IsTen(ReadOnlySpan<char> text, in DigitGroups groups, int count, ReadOnlySpan<byte> digits)
    {
        var isSwedish = Calendar.IsShortYearMonthDay(digits[..6]) && Checksums.Luhn(digits);
        return (count == 2 && groups.HasShape([6, 4], "-") && (isSwedish || Calendar.IsDayMonth(digits)))
            || (Calendar.IsDayMonth(digits[4..]) && IsAustrian(digits) && (groups.HasShape([4, 6], " ") || Words.Id.Precede(text, groups.Start)))
            || (isSwedish && count == 1 && Words.Id.Precede(text, groups.Start));
    }

    private static bool IsAustrian(ReadOnlySpan<byte> digits) => Checksums.Weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == digits[3];

    private static bool IsEleven(ReadOnlySpan<char> text, in DigitGroups groups, int count, ReadOnlySpan<byte> digits)
    {
        var isWhole = count == 1;
        return (IsBelgian(digits) && (isWhole || count == 5))
            || (isWhole && (IsPesel(digits) || IsNorwegian(digits)))
            || (count == 2 && groups.HasShape([6, 5], " ") && IsNorwegian(digits))
            || (IsSteuerId(digits) && ((count == 4 && groups.HasShape([2, 3, 3, 3], " ")) || (isWhole && Words.Id.Precede(text, groups.Start))))
            || (IsCpf(digits) && ((count == 4 && groups.HasShape([3, 3, 3], ".") && groups.Length(3) == 2) || (isWhole && Words.Id.Precede(text, groups.Start))));
    }

    // Belgium: 97 less the remainder of the first nine digits, those born from 2000 with a 2 before them.
    private static bool IsBelgian(ReadOnlySpan<byte> digits)
    {
        var number = Checksums.Number(digits[..9]);
        var check = Checksums.Number(digits[9..]);
        return Calendar.IsShortYearMonthDay(digits) && (97 - (number % 97) == check || 97 - ((number + 2_000_000_000) % 97) == check);
    }

    // Poland: months are raised by 20 a century.
    private static bool IsPesel(ReadOnlySpan<byte> digits)
    {
        var month = ((digits[2] * 10) + digits[3]) % 20;
        var day = (digits[4] * 10) + digits[5];
        return month is >= 1 and <= 12 && day is >= 1 and <= 31 && Checksums.Weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0;
    }

    // Norway: two check digits, modulo 11.
    private static bool IsNorwegian(ReadOnlySpan<byte> digits) =>
        Calendar.IsDayMonth(digits)
        && Checksums.Weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 == 0
        && Checksums.Weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0;

    // Germany, § 139b AO: of the first ten digits one stands twice or three times, and MOD 11,10.
    private static bool IsSteuerId(ReadOnlySpan<byte> digits)
    {
        if (digits[0] == 0 || !Checksums.Mod11Ten(digits))
        {
            return false;
        }

        var most = 0;
        for (byte digit = 0; digit < 10; digit++)
        {
            most = Math.Max(most, digits[..10].Count(digit));
        }

        return most is 2 or 3;
    }

    // Brazil: two check digits, modulo 11.
    private static bool IsCpf(ReadOnlySpan<byte> digits) =>
        digits.ContainsAnyExcept(digits[0])
        && Checksums.Weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 == digits[9]
        && Checksums.Weighted(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10 == digits[10];

    // Sweden with the century; India's Aadhaar by Verhoeff's digit; Japan's has twelve digits too.
    private static bool IsTwelve(ReadOnlySpan<char> text, in DigitGroups groups, int count, ReadOnlySpan<byte> digits) =>
        ((count == 1 || groups.HasShape([8, 4], "-")) && digits[0] is 1 or 2 && Calendar.IsYearMonthDay(digits[..8]) && Checksums.Luhn(digits[2..]))
        || (digits[0] >= 2 && Checksums.Verhoeff(digits) && (groups.HasShape([4, 4, 4], " -") || (count == 1 && Words.Id.Precede(text, groups.Start))))
        || (count == 1 && Words.Id.Precede(text, groups.Start));

    // Switzerland: 756 and EAN-13's check digit; Korea: a date, and a digit for century and sex.
    private static bool IsThirteen(in DigitGroups groups, int count, ReadOnlySpan<byte> digits) =>
        (digits is [7, 5, 6, ..] && (count == 1 || groups.HasShape([3, 4, 4, 2], ".")) && Checksums.Weighted(digits, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0)
        || (count == 2 && groups.HasShape([6, 7], "-") && digits[6] is >= 1 and <= 8 && Calendar.IsShortYearMonthDay(digits));

    // France: sex, year, month, place, order; the key is 97 less the remainder.
    private static bool IsNir(in DigitGroups groups, int count, ReadOnlySpan<byte> digits) =>
        digits[0] is 1 or 2 or 3 or 4 or 7 or 8
        && (count == 1 || count is 6 or 7 || groups.HasShape([13, 2], " "))
        && 97 - (Checksums.Number(digits[..13]) % 97) == Checksums.Number(digits[13..]);
}
