using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Coffer.Remote;

/// <summary>
/// AWS Signature Version 4 of a request whose body is known
/// (<see href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"/>).
/// </summary>
internal static class AwsSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The value of the <c>Authorization</c> header.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="address">The address as it is sent.</param>
    /// <param name="headers">The headers to sign, in lower case, each once; with <c>host</c> and <c>x-amz-date</c>.</param>
    /// <param name="bodyHash">SHA-256 of the body, lower-case hex.</param>
    /// <param name="time">The time that <c>x-amz-date</c> says.</param>
    /// <param name="region">The region.</param>
    /// <param name="service">The service.</param>
    /// <param name="credential">Who signs.</param>
    public static string Authorization(string method, Uri address, SortedDictionary<string, string> headers, string bodyHash, DateTimeOffset time, string region, string service, AwsCredential credential)
    {
        var day = time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var scope = $"{day}/{region}/{service}/aws4_request";
        var signedHeaders = string.Join(';', headers.Keys);
        var canonical = CanonicalRequest(method, address, headers, signedHeaders, bodyHash);
        var text = $"{Algorithm}\n{Timestamp(time)}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes($"AWS4{credential.SecretAccessKey}");
        foreach (var part in (ReadOnlySpan<string>)[day, region, service, "aws4_request"])
        {
            var next = Mac(key, part);
            CryptographicOperations.ZeroMemory(key);
            key = next;
        }

        var signature = Hex(Mac(key, text));
        CryptographicOperations.ZeroMemory(key);
        return $"{Algorithm} Credential={credential.AccessKeyId}/{scope}, SignedHeaders={signedHeaders}, Signature={signature}";
    }

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    public static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    private static string CanonicalRequest(string method, Uri address, SortedDictionary<string, string> headers, string signedHeaders, string bodyHash)
    {
        var text = new StringBuilder();
        text.Append(method).Append('\n').Append(CanonicalPath(address)).Append('\n').Append(CanonicalQuery(address)).Append('\n');
        foreach (var (name, value) in headers)
        {
            text.Append(name).Append(':').Append(Collapse(value)).Append('\n');
        }

        return text.Append('\n').Append(signedHeaders).Append('\n').Append(bodyHash).ToString();
    }

    // All services but S3 encode the path again that is already encoded.
    private static string CanonicalPath(Uri address) => string.Join('/', address.AbsolutePath.Split('/').Select(Encode));

    private static string CanonicalQuery(Uri address) => string.Join(
        '&',
        address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (Name: Encode(Uri.UnescapeDataString(pair[0])), Value: pair.Length == 2 ? Encode(Uri.UnescapeDataString(pair[1])) : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}"));

    // RFC 3986's unreserved characters stay.
    private static string Encode(string text) => Uri.EscapeDataString(text);

    private static string Collapse(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
