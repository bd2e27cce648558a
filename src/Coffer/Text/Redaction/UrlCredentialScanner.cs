using System.Buffers;

namespace Coffer.Text;

/// <summary>RFC 3986's userinfo, and query parameters that hold secrets by their names.</summary>
internal static class UrlCredentialScanner
{
    private const int MostAuthority = 512;

    private static readonly SearchValues<char> AuthorityEnds = SearchValues.Create("/?# \t\r\n\"'<>|\\^`{}");

    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t\r\n\"<>");

    private static readonly SearchValues<char> ValueEnds = SearchValues.Create("&;# \t\r\n\"'<>|\\^`{}),");

    private static readonly string[] Secrets =
    [
        "access_token", "accesstoken", "api_key", "api-key", "apikey", "auth", "auth_token", "client_secret", "key", "pass", "passwd", "password", "pwd", "refresh_token",
        "secret", "sig", "signature", "subscription-key", "token", "x-amz-credential", "x-amz-security-token", "x-amz-signature",
    ];

    public static void Scan(ReadOnlySpan<char> text, List<RedactionSpan> found)
    {
        var from = 0;
        while (text[from..].IndexOf("://") is >= 0 and var next)
        {
            var start = from + next + 3;
            var window = text.Slice(start, Math.Min(MostAuthority, text.Length - start));
            var length = window.IndexOfAny(AuthorityEnds) is >= 0 and var end ? end : window.Length;
            var at = window[..length].LastIndexOf('@');
            if (at > 0)
            {
                found.Add(new RedactionSpan(start, at, RedactionKinds.UrlCredentials));
            }

            from = start + length;
            if (from < text.Length && text[from] is '/' or '?')
            {
                from = ScanQuery(text, from, found);
            }
        }
    }

    // From the end of the authority to the end of the address; returns where that is.
    private static int ScanQuery(ReadOnlySpan<char> text, int start, List<RedactionSpan> found)
    {
        var rest = text[start..];
        var end = start + (rest.IndexOfAny(AddressEnds) is >= 0 and var stop ? stop : rest.Length);
        var query = text[start..end].IndexOf('?');
        for (var name = query < 0 ? end : start + query + 1; name < end;)
        {
            var equals = text[name..end].IndexOfAny('=', '&');
            if (equals < 0)
            {
                break;
            }

            var value = name + equals + 1;
            if (text[value - 1] == '&')
            {
                name = value;
                continue;
            }

            var length = text[value..end].IndexOfAny(ValueEnds) is >= 0 and var last ? last : end - value;
            if (length > 0 && IsSecret(text[name..(value - 1)]))
            {
                found.Add(new RedactionSpan(value, length, RedactionKinds.UrlCredentials));
            }

            name = value + length + 1;
        }

        return end;
    }

    private static bool IsSecret(ReadOnlySpan<char> name)
    {
        foreach (var secret in Secrets)
        {
            if (name.Equals(secret, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
