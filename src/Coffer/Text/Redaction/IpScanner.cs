using System.Net;
using System.Net.Sockets;

namespace Coffer.Text;

/// <summary>IP addresses. Version 4 as four decimal bytes (RFC 3986 §3.2.2), version 6 in RFC 4291's forms.</summary>
internal static class IpScanner
{
    private const int MostV6 = 45;

    /// <summary>The length of an IPv4 address that begins here; 0 if none does.</summary>
    public static int MatchV4(ReadOnlySpan<char> text, int start)
    {
        var at = start;
        for (var part = 0; part < 4; part++)
        {
            var first = at;
            var value = 0;
            while (at < text.Length && at - first < 3 && char.IsAsciiDigit(text[at]))
            {
                value = (value * 10) + (text[at++] - '0');
            }

            if (at == first || value > 255 || (text[first] == '0' && at - first > 1) || (part < 3 && (at >= text.Length || text[at++] != '.')))
            {
                return 0;
            }
        }

        var continues = at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || (text[at] is '.' or '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])));
        return continues || Words.IsVersion(text, start) ? 0 : at - start;
    }

    public static void ScanV6(ReadOnlySpan<char> text, List<RedactionSpan> found)
    {
        var from = 0;
        while (text[from..].IndexOf(':') is >= 0 and var next)
        {
            var colon = from + next;
            var start = colon;
            while (start > from && colon - start < 5 && char.IsAsciiHexDigit(text[start - 1]))
            {
                start--;
            }

            var end = colon;
            while (end < text.Length && end - start <= MostV6 && (char.IsAsciiHexDigit(text[end]) || text[end] is ':' or '.'))
            {
                end++;
            }

            from = Math.Max(end, colon + 1);
            while (end > colon && text[end - 1] is '.' or ':' && !(text[end - 1] == ':' && end - 2 > start && text[end - 2] == ':'))
            {
                end--;
            }

            if (IsV6(text, start, end))
            {
                found.Add(new RedactionSpan(start, end - start, RedactionKinds.Ip));
            }
        }
    }

    private static bool IsV6(ReadOnlySpan<char> text, int start, int end)
    {
        var candidate = text[start..end];
        return candidate.Length >= 3
            && candidate.Count(':') >= 2
            && candidate.ContainsAnyInRange('0', '9')
            && (start == 0 || !(char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is ':' or '_'))
            && (end == text.Length || !char.IsLetterOrDigit(text[end]))
            && IPAddress.TryParse(candidate, out var address)
            && address.AddressFamily == AddressFamily.InterNetworkV6;
    }
}
