namespace Coffer.Text;

/// <summary>Check digits, over the values of digits (0 to 9) unless said otherwise.</summary>
internal static class Checksums
{
    private const string DniLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
    private const string HetuLetters = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    private const string ResidentLetters = "10X98765432";

    // Italy, decree of 23 December 1976: what a character counts in an odd place.
    private static ReadOnlySpan<byte> FiscalOdd => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

    // Verhoeff's group D5, and its permutation.
    private static ReadOnlySpan<byte> D5 =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 0, 6, 7, 8, 9, 5, 2, 3, 4, 0, 1, 7, 8, 9, 5, 6, 3, 4, 0, 1, 2, 8, 9, 5, 6, 7, 4, 0, 1, 2, 3, 9, 5, 6, 7, 8,
        5, 9, 8, 7, 6, 0, 4, 3, 2, 1, 6, 5, 9, 8, 7, 1, 0, 4, 3, 2, 7, 6, 5, 9, 8, 2, 1, 0, 4, 3, 8, 7, 6, 5, 9, 3, 2, 1, 0, 4, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ];

    private static ReadOnlySpan<byte> Permutation => [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

    /// <summary>ISO/IEC 7812-1 annex B.</summary>
    public static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)];
            sum += i % 2 == 0 ? digit : digit > 4 ? (2 * digit) - 9 : 2 * digit;
        }

        return sum % 10 == 0;
    }

    /// <summary>ISO/IEC 7064 MOD 11,10: Germany's tax id.</summary>
    public static bool Mod11Ten(ReadOnlySpan<byte> digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (digit + product) % 10;
            product = 2 * (sum == 0 ? 10 : sum) % 11;
        }

        return (11 - product) % 10 == digits[^1];
    }

    /// <summary>Whether the weighted sum of the first digits, modulo 11, is what the next says by the rule.</summary>
    public static int Weighted(ReadOnlySpan<byte> digits, ReadOnlySpan<byte> weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += digits[i] * weights[i];
        }

        return sum;
    }

    public static bool Verhoeff(ReadOnlySpan<byte> digits)
    {
        var check = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)];
            for (var round = i % 8; round > 0; round--)
            {
                digit = Permutation[digit];
            }

            check = D5[(check * 10) + digit];
        }

        return check == 0;
    }

    public static ulong Number(ReadOnlySpan<byte> digits)
    {
        var number = 0UL;
        foreach (var digit in digits)
        {
            number = (number * 10) + digit;
        }

        return number;
    }

    public static bool Dni(ulong number, char letter) => DniLetters[(int)(number % 23)] == char.ToUpperInvariant(letter);

    public static bool Hetu(ulong number, char letter) => HetuLetters[(int)(number % 31)] == char.ToUpperInvariant(letter);

    /// <summary>GB 11643: China's resident id; 17 digits and a character.</summary>
    public static bool Resident(ReadOnlySpan<byte> digits, char last) =>
        ResidentLetters[Weighted(digits, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] == char.ToUpperInvariant(last);

    /// <summary>Italy's codice fiscale, 16 characters in capitals.</summary>
    public static bool Fiscal(ReadOnlySpan<char> code)
    {
        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var value = char.IsAsciiDigit(code[i]) ? code[i] - '0' : code[i] - 'A';
            sum += i % 2 == 0 ? FiscalOdd[value] : value;
        }

        return sum % 26 == code[15] - 'A';
    }
}
