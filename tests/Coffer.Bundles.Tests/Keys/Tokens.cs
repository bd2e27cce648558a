using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>Tokens that an attacker would make.</summary>
internal static class Tokens
{
    /// <summary>Replaces s by n - s, which verifies wherever s is not checked.</summary>
    public static void MakeHighS(Span<byte> signature)
    {
        var n = new BigInteger(P256.Order, isUnsigned: true, isBigEndian: true);
        var s = n - new BigInteger(signature[32..], isUnsigned: true, isBigEndian: true);
        signature[32..].Clear();
        var bytes = s.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(signature[(64 - bytes.Length)..]);
    }

    public static string Payload(string token) => Encoding.UTF8.GetString(Base64UrlStrict.Decode(token.TrimEnd().Split('.')[1]));

    public static string Encode(string json) => Base64UrlStrict.Encode(Encoding.UTF8.GetBytes(json));

    public static string Unsigned(string payload) => $"{Encode("""{"alg":"none","typ":"coffer-license+jwt"}""")}.{Encode(payload)}.";

    public static string Hs256(string payload, JsonWebKey publicKey)
    {
        var input = $"{Encode("""{"alg":"HS256","typ":"coffer-license+jwt"}""")}.{Encode(payload)}";
        return $"{input}.{Base64UrlStrict.Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(publicKey.ToJson()), Encoding.ASCII.GetBytes(input)))}";
    }
}
