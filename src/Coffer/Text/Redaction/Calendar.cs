namespace Coffer.Text;

/// <summary>Whether digits are a date, as ids hold them.</summary>
internal static class Calendar
{
    /// <summary>YYYYMMDD of a person who may live.</summary>
    public static bool IsYearMonthDay(ReadOnlySpan<byte> digits) => ((digits[0] * 10) + digits[1]) is 18 or 19 or 20 && IsMonthDay(digits[4], digits[5], digits[6], digits[7]);

    /// <summary>YYMMDD.</summary>
    public static bool IsShortYearMonthDay(ReadOnlySpan<byte> digits) => IsMonthDay(digits[2], digits[3], digits[4], digits[5]);

    /// <summary>DDMM, whatever follows.</summary>
    public static bool IsDayMonth(ReadOnlySpan<byte> digits) => IsMonthDay(digits[2], digits[3], digits[0], digits[1]);

    private static bool IsMonthDay(int tenMonths, int months, int tenDays, int days)
    {
        var month = (tenMonths * 10) + months;
        var day = (tenDays * 10) + days;
        return month is >= 1 and <= 12 && day is >= 1 and <= 31;
    }
}
