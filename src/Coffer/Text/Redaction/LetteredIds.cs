namespace Coffer.Text;

/// <summary>National ids in which letters stand.</summary>
internal static class LetteredIds
{
    /// <summary>An id around a run of letters and digits; of length 0 if there is none.</summary>
    public static RedactionSpan Match(ReadOnlySpan<char> text, int start, int end)
    {
        var run = text[start..end];
        var isId = run.Length switch
        {
            9 => IsNino(run) || IsDni(run),
            11 => IsHetu(run),
            15 => IsCorsican(run),
            16 => IsFiscal(run),
            18 => IsResident(run) || IsCurp(run),
            _ => false,
        };
        if (isId)
        {
            return Found(start, end);
        }

        return run.Length switch
        {
            2 when start >= 3 && IsSpacedNino(text, start) => Found(start - 3, start + 10),
            6 when IsHyphenatedHetu(text, start, end) => Found(start, end + 5),
            7 when start >= 2 && IsHyphenatedNie(text, start, end) => Found(start - 2, end + 2),
            8 when IsHyphenatedDni(text, start, end) => Found(start, end + 2),
            _ => default,
        };
    }

    private static RedactionSpan Found(int start, int end) => new(start, end - start, RedactionKinds.NationalId);

    // United Kingdom, HMRC's NIM39110.
    private static bool IsNino(ReadOnlySpan<char> run) => Has(run, "AADDDDDDA") && IsNino(run[0], run[1], run[8]);

    private static bool IsNino(char first, char second, char last)
    {
        (first, second, last) = (char.ToUpperInvariant(first), char.ToUpperInvariant(second), char.ToUpperInvariant(last));
        return last is >= 'A' and <= 'D'
            && first is not ('D' or 'F' or 'I' or 'Q' or 'U' or 'V')
            && second is not ('D' or 'F' or 'I' or 'O' or 'Q' or 'U' or 'V')
            && (first, second) is not (('B', 'G') or ('G', 'B') or ('N', 'K') or ('K', 'N') or ('T', 'N') or ('N', 'T') or ('Z', 'Z'));
    }

    private static bool IsSpacedNino(ReadOnlySpan<char> text, int start) =>
        start + 10 <= text.Length
        && Has(text.Slice(start - 3, 13), "AA DD DD DD A")
        && (start == 3 || !char.IsLetterOrDigit(text[start - 4]))
        && IsBoundary(text, start + 10)
        && IsNino(text[start - 3], text[start - 2], text[start + 9]);

    // Spain: eight digits, or X, Y or Z for the first, and the letter of the remainder.
    private static bool IsDni(ReadOnlySpan<char> run)
    {
        if (Has(run, "DDDDDDDDA"))
        {
            return Checksums.Dni(ulong.Parse(run[..8], provider: null), run[8]);
        }

        return Has(run, "ADDDDDDDA") && Nie(run[0], run[1..8], run[8]);
    }

    private static bool Nie(char first, ReadOnlySpan<char> digits, char last) =>
        char.ToUpperInvariant(first) is 'X' or 'Y' or 'Z' && Checksums.Dni((ulong)((char.ToUpperInvariant(first) - 'X') * 10_000_000) + ulong.Parse(digits, provider: null), last);

    private static bool IsHyphenatedDni(ReadOnlySpan<char> text, int start, int end) =>
        end + 2 <= text.Length && Has(text[start..(end + 2)], "DDDDDDDD-A") && IsBoundary(text, end + 2) && Checksums.Dni(ulong.Parse(text[start..end], provider: null), text[end + 1]);

    private static bool IsHyphenatedNie(ReadOnlySpan<char> text, int start, int end) =>
        end + 2 <= text.Length && Has(text[(start - 2)..(end + 2)], "A-DDDDDDD-A") && IsBoundary(text, end + 2) && Nie(text[start - 2], text[start..end], text[end + 1]);

    // Finland: day, month, year, a sign of the century, three digits, and the letter of the remainder by 31.
    private static bool IsHetu(ReadOnlySpan<char> run) =>
        Has(run[..6], "DDDDDD") && Has(run[7..10], "DDD") && char.IsAsciiLetter(run[6]) && IsHetu(run[..6], run[7..10], run[10]);

    private static bool IsHyphenatedHetu(ReadOnlySpan<char> text, int start, int end) =>
        end + 5 <= text.Length
        && Has(text[start..end], "DDDDDD")
        && text[end] is '-' or '+'
        && Has(text.Slice(end + 1, 3), "DDD")
        && char.IsAsciiLetterOrDigit(text[end + 4])
        && IsBoundary(text, end + 5)
        && IsHetu(text[start..end], text.Slice(end + 1, 3), text[end + 4]);

    private static bool IsHetu(ReadOnlySpan<char> date, ReadOnlySpan<char> serial, char last)
    {
        Span<byte> digits = stackalloc byte[6];
        for (var i = 0; i < 6; i++)
        {
            digits[i] = (byte)(date[i] - '0');
        }

        return Calendar.IsDayMonth(digits) && Checksums.Hetu((ulong.Parse(date, provider: null) * 1000) + ulong.Parse(serial, provider: null), last);
    }

    // France: in Corsica the department is 2A or 2B, which count as 19 and 18.
    private static bool IsCorsican(ReadOnlySpan<char> run)
    {
        if (!Has(run, "DDDDDDADDDDDDDD") || run[5] != '2' || char.ToUpperInvariant(run[6]) is not ('A' or 'B'))
        {
            return false;
        }

        Span<char> number = stackalloc char[13];
        run[..13].CopyTo(number);
        (number[5], number[6]) = char.ToUpperInvariant(run[6]) == 'A' ? ('1', '9') : ('1', '8');
        return 97 - (ulong.Parse(number, provider: null) % 97) == ulong.Parse(run[13..], provider: null);
    }

    private static bool IsFiscal(ReadOnlySpan<char> run)
    {
        if (!Has(run, "AAAAAADDADDADDDA"))
        {
            return false;
        }

        Span<char> upper = stackalloc char[16];
        run.ToUpperInvariant(upper);
        return Checksums.Fiscal(upper);
    }

    private static bool IsResident(ReadOnlySpan<char> run)
    {
        if (!Has(run[..17], "DDDDDDDDDDDDDDDDD") || char.ToUpperInvariant(run[17]) != 'X')
        {
            return false;
        }

        Span<byte> digits = stackalloc byte[17];
        for (var i = 0; i < 17; i++)
        {
            digits[i] = (byte)(run[i] - '0');
        }

        return Calendar.IsYearMonthDay(digits[6..14]) && Checksums.Resident(digits, run[17]);
    }

    // Mexico: letters of the names, a date, sex, state.
    private static bool IsCurp(ReadOnlySpan<char> run) =>
        Has(run[..16], "AAAADDDDDDAAAAAA") && char.ToUpperInvariant(run[10]) is 'H' or 'M' && char.IsAsciiDigit(run[17]) && run[6] is '0' or '1' && run[8] is >= '0' and <= '3';

    private static bool IsBoundary(ReadOnlySpan<char> text, int at) => at == text.Length || !char.IsLetterOrDigit(text[at]);

    // A for a letter, D for a digit; everything else for itself.
    private static bool Has(ReadOnlySpan<char> text, string form)
    {
        for (var i = 0; i < form.Length; i++)
        {
            if (!(form[i] switch { 'A' => char.IsAsciiLetter(text[i]), 'D' => char.IsAsciiDigit(text[i]), var sign => text[i] == sign }))
            {
                return false;
            }
        }

        return true;
    }
}
