namespace Coffer.Text;

/// <summary>E-mail addresses: RFC 5321's lengths, RFC 6531's letters, and a domain with a top level of letters. Around each @, so in linear time.</summary>
internal static class EmailScanner
{
    private const int MostLocal = 64;
    private const int MostDomain = 253;

    /// <param name="text">The text.</param>
    /// <param name="found">Gets the addresses.</param>
    /// <param name="credentials">How many credentials of addresses, in order, it begins with: their @ is none of an e-mail address.</param>
    public static void Scan(ReadOnlySpan<char> text, List<RedactionSpan> found, int credentials)
    {
        var credential = 0;
        for (var at = text.IndexOf('@'); at >= 0;)
        {
            var start = LocalStart(text, at);
            var end = start < at ? DomainEnd(text, at + 1) : at;
            while (credential < credentials && found[credential].End < at)
            {
                credential++;
            }

            var isOfCredentials = credential < credentials && found[credential].Start <= at && found[credential].End >= at;
            if (end > at + 1 && !isOfCredentials && !IsRemoteOfGit(text, start, at, end))
            {
                found.Add(new RedactionSpan(start, end - start, RedactionKinds.Email));
            }

            var from = Math.Max(end, at + 1);
            var next = text[from..].IndexOf('@');
            at = next < 0 ? -1 : from + next;
        }
    }

    private static int LocalStart(ReadOnlySpan<char> text, int at)
    {
        var least = Math.Max(0, at - MostLocal);
        if (at > 0 && text[at - 1] == '"')
        {
            var quote = text[least..(at - 1)].LastIndexOf('"');
            return quote < 0 ? at : least + quote;
        }

        var start = at;
        var isWide = at > 0 && IsWide(text[at - 1]);
        while (start > least && ((char.IsLetterOrDigit(text[start - 1]) && IsWide(text[start - 1]) == isWide) || text[start - 1] is '.' or '_' or '%' or '+' or '-' or '~' or '\'' or '!' or '#' or '$' or '&' or '*'))
        {
            start--;
        }

        while (start < at && !char.IsLetterOrDigit(text[start]) && text[start] is not '_')
        {
            start++;
        }

        return text[Math.Max(at - 1, 0)] == '.' ? at : start;
    }

    // The end of the last label that makes a domain; the start if none does.
    private static int DomainEnd(ReadOnlySpan<char> text, int start)
    {
        var most = Math.Min(text.Length, start + MostDomain);
        var (end, label, labels) = (start, start, 0);
        var isWide = start < text.Length && IsWide(text[start]);
        for (var i = start; ; i++)
        {
            if (i < most && ((char.IsLetterOrDigit(text[i]) && (isWide || !IsWide(text[i]))) || (text[i] == '-' && i > label)))
            {
                continue;
            }

            var last = i;
            while (last > label && text[last - 1] == '-')
            {
                last--;
            }

            if (last == label)
            {
                return end;
            }

            labels++;
            if (labels > 1 && IsTopLevel(text[label..last]) && !IsScaledPicture(text[start..label]))
            {
                end = last;
            }

            if (i >= most || text[i] != '.' || last < i)
            {
                return end;
            }

            label = i + 1;
        }
    }

    // Chinese, Japanese and Korean put no space between a word and an address: an address is in one script or the other.
    private static bool IsWide(char c) => c >= '\u2e80';

    private static bool IsTopLevel(ReadOnlySpan<char> label)
    {
        if (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        foreach (var c in label)
        {
            if (!char.IsLetter(c))
            {
                return false;
            }
        }

        return label.Length >= 2;
    }

    // icon@2x.png is a file.
    private static bool IsScaledPicture(ReadOnlySpan<char> before) => before.Length == 3 && char.IsAsciiDigit(before[0]) && before[1] is 'x' or 'X';

    // git@host:owner/name is an address of code.
    private static bool IsRemoteOfGit(ReadOnlySpan<char> text, int start, int at, int end) =>
        text[start..at] is "git" && end + 1 < text.Length && text[end] == ':' && !char.IsWhiteSpace(text[end + 1]);
}
