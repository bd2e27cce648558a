using System.Buffers;

namespace Coffer.Text;

/// <summary>
/// A text in which digits, spaces, hyphens and signs of other scripts and widths are ASCII, character for character: what is written with them
/// is found too, at the same place.
/// </summary>
internal static class FoldedText
{
    // Decimal digits by their zero: fullwidth, Arabic-Indic, its eastern form, Devanagari, Bengali, Thai.
    private static readonly char[] Zeros = ['\uff10', '\u0660', '\u06f0', '\u0966', '\u09e6', '\u0e50'];

    private static readonly (char From, char To)[] Signs =
    [
        ('\u00a0', ' '), ('\u2007', ' '), ('\u2009', ' '), ('\u200a', ' '), ('\u202f', ' '), ('\u3000', ' '),
        ('\u2010', '-'), ('\u2011', '-'), ('\u2012', '-'), ('\u2013', '-'), ('\u2212', '-'), ('\uff0d', '-'),
        ('\uff20', '@'), ('\uff0b', '+'), ('\uff0e', '.'), ('\uff08', '('), ('\uff09', ')'), ('\uff1a', ':'), ('\uff0f', '/'),
    ];

    private static readonly SearchValues<char> Foreign = SearchValues.Create([.. Signs.Select(sign => sign.From), .. Zeros.SelectMany(zero => Enumerable.Range(zero, 10).Select(digit => (char)digit))]);

    public static ReadOnlySpan<char> Of(string text)
    {
        var at = text.AsSpan().IndexOfAny(Foreign);
        if (at < 0)
        {
            return text;
        }

        var folded = text.ToCharArray();
        while (true)
        {
            folded[at] = Fold(folded[at]);
            var next = folded.AsSpan(at + 1).IndexOfAny(Foreign);
            if (next < 0)
            {
                return folded;
            }

            at += next + 1;
        }
    }

    private static char Fold(char c)
    {
        foreach (var (from, to) in Signs)
        {
            if (from == c)
            {
                return to;
            }
        }

        return (char)('0' + (c - Zeros.First(zero => c >= zero && c <= zero + 9)));
    }
}
