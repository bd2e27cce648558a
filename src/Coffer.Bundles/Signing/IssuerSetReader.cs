using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// Reads the claims of an issuer set. Strict, unlike a license's (RFC 7519 §4 would ignore what it does not know): a member that
/// an old SDK skips could be the one that takes a right away.
/// </summary>
internal static class IssuerSetReader
{
    public const int MaxKeys = 16;
    public const int MaxIssuers = 64;
    public const int MaxSigners = 256;

    private const int DigestLength = 64;

    /// <exception cref="FormatException">A claim is missing, unknown, or of another form than LICENSES.md fixes; the message names it.</exception>
    public static IssuerSetClaims Read(byte[] payload) => StrictJson.Read(payload, Read);

    private static IssuerSetClaims Read(JsonElement claims)
    {
        RequireOnly(claims, "", ["iss", "ver", "iat", "exp", "keys", "issuers", "signers"]);
        return new IssuerSetClaims
        {
            Publisher = Required(claims, "iss").GetString() is { } publisher && BundleNames.IsName(publisher) ? publisher : throw Wrong("iss"),
            Version = Required(claims, "ver").TryGetInt32(out var version) && version >= 1 ? version : throw Wrong("ver"),
            IssuedAt = Time(Required(claims, "iat"), "iat"),
            Expires = claims.TryGetProperty("exp", out var expires) ? Time(expires, "exp") : null,
            Keys = List(Required(claims, "keys"), "keys", 1, MaxKeys, key => Key(key, "keys")),
            Issuers = List(Required(claims, "issuers"), "issuers", 0, MaxIssuers, Issuer),
            Signers = claims.TryGetProperty("signers", out var signers) ? List(signers, "signers", 1, MaxSigners, Digest) : null,
        };
    }

    private static TrustedIssuer Issuer(JsonElement issuer)
    {
        RequireOnly(issuer, "issuers.", ["name", "jwk"]);
        return Required(issuer, "name").GetString() is { } name && ContentKeyId.IsName(name)
            ? new TrustedIssuer(name, Key(Required(issuer, "jwk"), "issuers.jwk"))
            : throw Wrong("issuers.name");
    }

    private static JsonWebKey Key(JsonElement key, string where)
    {
        RequireOnly(key, where + ".", ["kty", "crv", "x", "y", "use"]);
        try
        {
            return JsonWebKey.Read(key) is { IsEllipticCurve: true, Use: not KeyUse.Encryption } read ? read : throw Wrong(where);
        }
        catch (KeyException e)
        {
            throw new FormatException($"The claim '{where}': {e.Message}", e);
        }
    }

    private static string Digest(JsonElement digest) =>
        digest.GetString() is { Length: DigestLength } text && text.All(char.IsAsciiHexDigitLower) ? text : throw Wrong("signers");

    // The count is known before an item is looked at; the same one twice says that whoever wrote the list meant another.
    private static List<T> List<T>(JsonElement list, string name, int min, int max, Func<JsonElement, T> read)
    {
        if (list.GetArrayLength() < min || list.GetArrayLength() > max)
        {
            throw new FormatException($"The claim '{name}' has {list.GetArrayLength()} items; {min} to {max} may be there.");
        }

        List<T> items = [.. list.EnumerateArray().Select(read)];
        return items.Distinct().Count() == items.Count ? items : throw new FormatException($"The claim '{name}' names something twice.");
    }

    private static DateTimeOffset Time(JsonElement time, string name) =>
        StrictJson.TryTime(time, out var read) ? read : throw Wrong(name);

    private static void RequireOnly(JsonElement json, string where, string[] known)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                throw new FormatException($"The claim '{where}{CompactToken.Shown(member.Name)}' is unknown to this SDK version ({SdkInfo.Version}).");
            }
        }
    }

    private static JsonElement Required(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value : throw new FormatException($"The claim '{name}' is missing.");

    private static FormatException Wrong(string name) => new($"The claim '{name}' is not of the required form.");
}
