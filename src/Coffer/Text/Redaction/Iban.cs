namespace Coffer.Text;

/// <summary>ISO 13616: country, two check digits (ISO/IEC 7064 MOD 97-10) and an account number of the country's length.</summary>
internal static class Iban
{
    // Country and length, from the registry that SWIFT keeps.
    private const string Lengths =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
        + "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

    /// <summary>The length of an IBAN that begins here, with single spaces or hyphens in it; 0 if none does.</summary>
    public static int Match(ReadOnlySpan<char> text, int start)
    {
        if (start + 5 > text.Length || !char.IsAsciiLetter(text[start]) || !char.IsAsciiLetter(text[start + 1]) || LengthOf(text.Slice(start, 2)) is not (> 0 and var length))
        {
            return 0;
        }

        Span<char> code = stackalloc char[34];
        var (count, at) = (0, start);
        for (; at < text.Length && count < length; at++)
        {
            if (char.IsAsciiLetterOrDigit(text[at]))
            {
                code[count++] = char.ToUpperInvariant(text[at]);
            }
            else if (text[at] is not (' ' or '-') || count < 2 || !char.IsAsciiLetterOrDigit(text[at - 1]))
            {
                return 0;
            }
        }

        return count == length && (at == text.Length || !char.IsAsciiLetterOrDigit(text[at])) && Remainder(code[..length]) == 1 ? at - start : 0;
    }

    private static int LengthOf(ReadOnlySpan<char> country)
    {
        Span<char> upper = [char.ToUpperInvariant(country[0]), char.ToUpperInvariant(country[1])];
        for (var i = 0; i < Lengths.Length; i += 4)
        {
            if (upper.SequenceEqual(Lengths.AsSpan(i, 2)))
            {
                return ((Lengths[i + 2] - '0') * 10) + Lengths[i + 3] - '0';
            }
        }

        return 0;
    }

    // The first four characters go to the end; letters count from 10.
    private static int Remainder(ReadOnlySpan<char> code)
    {
        var remainder = 0;
        for (var i = 0; i < code.Length; i++)
        {
            var c = code[(i + 4) % code.Length];
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + c - '0') % 97 : ((remainder * 100) + c - 'A' + 10) % 97;
        }

        return remainder;
    }
}
