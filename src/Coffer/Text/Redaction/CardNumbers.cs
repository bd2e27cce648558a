namespace Coffer.Text;

/// <summary>Payment cards: a brand's first digits and length, in one piece or in groups, with Luhn's check digit.</summary>
internal static class CardNumbers
{
    /// <summary>How many of the groups are a card's number; 0 if none are.</summary>
    public static int Match(in DigitGroups groups)
    {
        for (var count = Math.Min(groups.Count, 5); count > 0; count--)
        {
            var digits = groups.Of(count);
            if (IsBrand(digits) && IsGrouped(groups, count) && Checksums.Luhn(digits) && digits.ContainsAnyExcept(digits[0]))
            {
                return count;
            }
        }

        return 0;
    }

    private static bool IsGrouped(in DigitGroups groups, int count) => count switch
    {
        1 => true,
        3 => groups.HasShape([4, 6, 5], " -") || groups.HasShape([4, 6, 4], " -"),
        4 => groups.HasShape([4, 4, 4, 4], " -.") || groups.HasShape([4, 4, 4, 3], " -"),
        5 => groups.HasShape([4, 4, 4, 4, 3], " -"),
        _ => false,
    };

    // Visa; Mastercard; American Express; Diners; Discover; JCB; UnionPay; Maestro in the length that Europe issues.
    private static bool IsBrand(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is < 14 or > 19)
        {
            return false;
        }

        var two = (digits[0] * 10) + digits[1];
        var four = (two * 100) + (digits[2] * 10) + digits[3];
        return digits.Length switch
        {
            14 => two is 36 or 38 or 39 || four is >= 3000 and <= 3059,
            15 => two is 34 or 37,
            16 => two is >= 40 and <= 49 or >= 51 and <= 55 or 62 or 65 or 50 || four is >= 2221 and <= 2720 or 6011 or >= 6440 and <= 6499 or >= 3528 and <= 3589 or 6304 or 6759 or 6761 or 6762 or 6763,
            19 => two is >= 40 and <= 49 or 62,
            _ => two is 62,
        };
    }
}
