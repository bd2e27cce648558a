namespace Coffer.Text;

/// <summary>Everything that has digits: one pass from run to run of letters and digits, each of which is looked at once, within a bounded distance.</summary>
/// <param name="phones">Whether to find telephone numbers.</param>
/// <param name="cards">Whether to find payment cards.</param>
/// <param name="ibans">Whether to find bank accounts.</param>
/// <param name="ids">Whether to find national ids.</param>
/// <param name="addresses">Whether to find IPv4 addresses.</param>
internal readonly struct NumberScanner(bool phones, bool cards, bool ibans, bool ids, bool addresses)
{
    private const int LeastDigits = 7;

    public void Scan(ReadOnlySpan<char> text, List<RedactionSpan> found)
    {
        if (!(phones || cards || ibans || ids || addresses))
        {
            return;
        }

        var from = 0;
        while (text[from..].IndexOfAnyInRange('0', '9') is >= 0 and var next)
        {
            var (start, end) = (from + next, from + next);
            while (start > from && char.IsAsciiLetterOrDigit(text[start - 1]))
            {
                start--;
            }

            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            {
                end++;
            }

            var span = IsPart(text, start) ? default : Match(text, start, end);
            if (span.Length > 0)
            {
                found.Add(span);
            }

            from = Math.Max(span.End, end);
        }
    }

    private RedactionSpan Match(ReadOnlySpan<char> text, int start, int end)
    {
        if (ibans && Iban.Match(text, start) is > 0 and var iban)
        {
            return new RedactionSpan(start, iban, RedactionKinds.Iban);
        }

        if (addresses && IpScanner.MatchV4(text, start) is > 0 and var address)
        {
            return new RedactionSpan(start, address, RedactionKinds.Ip);
        }

        if (ids && LetteredIds.Match(text, start, end) is { Length: > 0 } id)
        {
            return id;
        }

        return char.IsAsciiDigit(text[start]) ? MatchDigits(text, start) : default;
    }

    private RedactionSpan MatchDigits(ReadOnlySpan<char> text, int start)
    {
        if (start + 3 < text.Length && !char.IsAsciiLetterOrDigit(text[start + 1]) && char.IsAsciiDigit(text[start + 2]) && !char.IsAsciiLetterOrDigit(text[start + 3]))
        {
            // One digit after the other, each alone: a list.
            return default;
        }

        var hasParenthesis = start > 0 && text[start - 1] == '(';
        var groups = DigitGroups.Read(text, hasParenthesis ? start - 1 : start);
        if (groups.Count == 0 || groups.Of(groups.Count).Length < LeastDigits)
        {
            return default;
        }

        if (cards && CardNumbers.Match(groups) is > 0 and var card)
        {
            return new RedactionSpan(start, groups.End(card - 1) - start, RedactionKinds.Card);
        }

        if (ids && NationalIds.Match(text, groups) is > 0 and var id)
        {
            return new RedactionSpan(start, groups.End(id - 1) - start, RedactionKinds.NationalId);
        }

        if (phones && PhoneNumbers.Match(text, groups) is > 0 and var phone)
        {
            var first = groups.Start > 0 && text[groups.Start - 1] == '+' ? groups.Start - 1 : groups.Start;
            return new RedactionSpan(first, groups.End(phone - 1) - first, RedactionKinds.Phone);
        }

        return default;
    }

    // Decimals, and pieces of dates, serial numbers and hashes.
    private static bool IsPart(ReadOnlySpan<char> text, int start)
    {
        if (start == 0)
        {
            return false;
        }

        var before = text[start - 1];
        return (char.IsLetter(before) && before < '\u2e80')
            || before is '_' or '$' or '€' or '£' or '¥' or '#'
            || (before is '.' or ',' or '-' or '/' or ':' && start > 1 && char.IsAsciiDigit(text[start - 2]));
    }
}
