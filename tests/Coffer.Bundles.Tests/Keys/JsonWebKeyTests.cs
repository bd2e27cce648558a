using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class JsonWebKeyTests
{
    // RFC 7638 §3.1.
    private const string Rfc7638Modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    [Fact]
    public void Thumbprint_OfRfc7638Example_IsItsThumbprint() =>
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", Parse($$"""{"kty":"RSA","n":"{{Rfc7638Modulus}}","e":"AQAB","kid":"2011-04-29"}""").Thumbprint);

    [Fact]
    public void ToJson_Parsed_IsTheSameKey()
    {
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        foreach (var key in new[] { JsonWebKey.FromECDsa(signing), JsonWebKey.FromRsa(rsa) })
        {
            var parsed = Parse(key.ToJson());
            Assert.Equal(key, parsed);
            Assert.Equal(key.Use, parsed.Use);
            Assert.Equal(key.ToJson(), parsed.ToJson());
        }
    }

    [Theory]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X","y":"$Y","d":"AA"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"oct","k":"AAAA"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"EC","crv":"P-384","x":"$X","y":"$Y"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X","y":"$Y","alg":"ES384"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X","y":"$Y","use":"sig","alg":"ECDH-ES"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X","y":"$Y","key_ops":["sign"]}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X","y":"$X"}""", KeyError.Malformed)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X","y":"$Y","x":"$X"}""", KeyError.Malformed)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X=","y":"$Y"}""", KeyError.Malformed)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AA","y":"$Y"}""", KeyError.Malformed)]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"$X"}""", KeyError.Malformed)]
    [InlineData("""{"kty":1}""", KeyError.Malformed)]
    [InlineData("""{"kty":"RSA","n":"AAEB","e":"AQAB"}""", KeyError.Malformed)]
    [InlineData("""{"kty":"RSA","n":"_w","e":"AQAB"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"RSA","n":"$N","e":"AQ"}""", KeyError.UnsupportedKey)]
    [InlineData("""{"kty":"RSA","n":"$N","e":"Aw"}""", KeyError.UnsupportedKey)]
    [InlineData("[]", KeyError.Malformed)]
    [InlineData("""{"kty":"\ud800"}""", KeyError.Malformed)]
    [InlineData("", KeyError.Malformed)]
    public void Parse_BadKey_Throws(string template, KeyError error)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var json = JsonDocument.Parse(JsonWebKey.FromECDsa(key).ToJson());
        var text = template
            .Replace("$X", json.RootElement.Text("x"), StringComparison.Ordinal)
            .Replace("$Y", json.RootElement.Text("y"), StringComparison.Ordinal)
            .Replace("$N", Rfc7638Modulus, StringComparison.Ordinal);
        Assert.Equal(error, Assert.Throws<KeyException>(() => Parse(text)).Error);
    }

    [Fact]
    public void Parse_LongerThanLimit_ThrowsMalformed() =>
        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => Parse(new string(' ', 9000))).Error);

    [Fact]
    public void Parse_WycheproofPublicKeys_RefusesEveryOne()
    {
        // In scope: sets of one EC or RSA key. The file's EC keys are all wrong in themselves (alg, use, point, curve, kty), and
        // its RSA keys are for RS256, which Coffer has no use for. Out of scope: shared keys (oct), of which there is none here.
        var refused = new List<int>();
        foreach (var (group, test, _) in Wycheproof.Read("json_web_key_test.json"))
        {
            if (group.TryGetProperty("public", out var set) && set.GetProperty("keys") is var keys && keys.GetArrayLength() == 1)
            {
                Assert.Throws<KeyException>(() => Parse(keys[0].GetRawText()));
                refused.Add(test.Id());
            }
        }

        Assert.Superset(new HashSet<int>([19, 20, 21, 22, 23, 24]), refused.ToHashSet());
    }

    private static JsonWebKey Parse(string json) => JsonWebKey.Parse(Encoding.UTF8.GetBytes(json));
}
