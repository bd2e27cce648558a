using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class JwsTests
{
    private const string Type = "test+jwt";

    [Fact]
    public void Parse_WycheproofEs256_AcceptsExactlyValid()
    {
        // In scope: ES256 on P-256. Out, and therefore all refused: HS256, RS*, PS* and ES512, valid or not.
        var (accepted, high, refused, outside) = (new List<int>(), new List<int>(), 0, 0);
        foreach (var (group, test, isValid) in Wycheproof.Read("json_web_signature_test.json"))
        {
            var jwk = group.TryGetProperty("public", out var key) ? key : group.GetProperty("private");
            var isOurs = jwk.Text("kty") == "EC" && jwk.Text("crv") == "P-256";
            var isAccepted = isOurs ? Accepts(test.Text("jws"), jwk.GetRawText()) : Parses(test.Text("jws"));
            if (isOurs && isValid && !isAccepted)
            {
                high.Add(test.Id());
            }
            else if (isAccepted)
            {
                Assert.True(isOurs && isValid, $"tcId {test.Id()} {test.Text("comment")}");
                accepted.Add(test.Id());
            }
            else if (isOurs)
            {
                refused++;
            }
            else
            {
                outside++;
            }
        }

        // The two valid signatures are one, spelled with the high and with the low s.
        Assert.Equal([18], high);
        Assert.Equal([378], accepted);
        Assert.True(refused > 30 && outside > 300, $"{refused} refused, {outside} outside");

        static bool Parses(string token)
        {
            try
            {
                _ = Jws.Parse(token, null);
                return true;
            }
            catch (JoseException)
            {
                return false;
            }
        }

        static bool Accepts(string token, string jwk)
        {
            try
            {
                return Jws.Parse(token, null).Verify(JsonWebKey.Parse(Encoding.UTF8.GetBytes(jwk)));
            }
            catch (Exception e) when (e is JoseException or KeyException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"test+jwt"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"HS256","typ":"test+jwt"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"es256","typ":"test+jwt"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"typ":"test+jwt"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"ES256","typ":"other+jwt"}""", JoseError.WrongType)]
    [InlineData("""{"alg":"ES256"}""", JoseError.WrongType)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt","crit":["exp"]}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt","jwk":{}}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt","jku":"x"}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt","x5c":[]}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt","zip":"DEF"}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt","b64":false}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ES256","alg":"none","typ":"test+jwt"}""", JoseError.Malformed)]
    [InlineData("""{"alg":["ES256"],"typ":"test+jwt"}""", JoseError.Malformed)]
    [InlineData("""{"alg":"ES256","typ":"test+jwt"} """, JoseError.Malformed, "!")]
    [InlineData("[]", JoseError.Malformed)]
    [InlineData("", JoseError.Malformed)]
    internal void Parse_BadHeader_Throws(string header, JoseError error, string suffix = "")
    {
        var token = $"{Base64UrlStrict.Encode(Encoding.UTF8.GetBytes(header))}{suffix}.e30.{Base64UrlStrict.Encode(new byte[64])}";
        Assert.Equal(error, Assert.Throws<JoseException>(() => Jws.Parse(token, Type)).Error);
    }

    [Fact]
    public void Parse_LongerThanLimit_ThrowsBeforeDecoding()
    {
        var e = Assert.Throws<JoseException>(() => Jws.Parse(new string('A', Jws.MaxLength + 1), Type));
        Assert.Contains("longer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_HighS_SaysNo()
    {
        using var folder = new TemporaryFolder();
        using var key = KeyFile.Create(folder.File("a.key"));
        var token = Jws.Sign(Type, "{}"u8, key);
        Assert.True(Jws.Parse(token, Type).Verify(key.SigningKey));

        var dot = token.LastIndexOf('.');
        var high = Base64UrlStrict.Decode(token[(dot + 1)..]);
        Tokens.MakeHighS(high);
        Assert.False(Jws.Parse(token[..(dot + 1)] + Base64UrlStrict.Encode(high), Type).Verify(key.SigningKey));
    }
}
