using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Tests.Keys;

namespace Coffer.Tests.Licensing;

public sealed class LicenseTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Verify_IssuedLicense_SaysWhatWasRequested()
    {
        var request = _world.Request with
        {
            Models = [new LicensedModel("acme/digits", VersionRange.Parse("[1.0.0,2.0.0)"), LicensingWorld.Digest)],
            Calls = 100,
            Audience = "app",
            NotBefore = _world.Clock.GetUtcNow(),
            LicenseId = "grant-1",
            Sequence = 3,
            MinSdk = SemanticVersion.Parse("0.1.0"),
            Targets = [ExecutionTarget.Local, ExecutionTarget.Remote],
            Providers = ["cpu"],
        };
        var claims = License.Parse(_world.Issue(request)).Verify(_world.Trust).Claims;

        Assert.Equal((LicensingWorld.Issuer, "customer-7", "app", "grant-1", 3), (claims.Issuer, claims.Licensee, claims.Audience, claims.LicenseId, claims.Sequence));
        Assert.Equal((_world.Clock.GetUtcNow(), _world.Clock.GetUtcNow(), request.Expires), (claims.IssuedAt, claims.NotBefore, claims.Expires));
        Assert.Equal((_world.Device.SigningKey.Thumbprint, _world.Device.Ledger.Id), (claims.Device, claims.Ledger));
        Assert.Equal(request.Models, claims.Models);
        Assert.Equal(["digits.settings.1", "digits.weights.1"], claims.Keys.Select(key => key.KeyId).Order());
        Assert.Equal(request.Tasks, claims.Tasks);
        Assert.Equal(request.Targets, claims.Targets);
        Assert.Equal(request.Providers, claims.Providers);
        Assert.Equal((100, request.MinSdk), (claims.Calls, claims.MinSdk));
        Assert.Empty(claims.NotEnforced);
    }

    [Fact]
    public void Load_File_IsTheSameLicense()
    {
        var path = _world.Folder.File("a.license");
        File.WriteAllText(path, _world.Issue(_world.Request));
        Assert.Equal("customer-7", License.Load(path).Claims.Licensee);
        Assert.Equal(LicenseError.NotFound, Assert.Throws<LicenseException>(() => License.Load(_world.Folder.File("none"))).Error);

        File.WriteAllText(path, new string('A', (256 << 10) + 1));
        Assert.Equal(LicenseError.Malformed, Assert.Throws<LicenseException>(() => License.Load(path)).Error);
    }

    [Fact]
    public void Parse_AlgNone_ThrowsAlgorithmRefused() =>
        AssertRefused(LicenseError.AlgorithmRefused, Tokens.Unsigned(Tokens.Payload(_world.Issue(_world.Request))));

    [Fact]
    public void Parse_Hs256WithPublicKey_ThrowsAlgorithmRefused() =>
        AssertRefused(LicenseError.AlgorithmRefused, Tokens.Hs256(Tokens.Payload(_world.Issue(_world.Request)), _world.IssuerKey.SigningKey));

    [Fact]
    public void Parse_GrantAsLicense_ThrowsWrongType() => AssertRefused(LicenseError.WrongType, _world.Grants[0].ToToken());

    [Fact]
    public void Parse_HeaderWithKey_ThrowsHeaderRefused()
    {
        var header = Tokens.Encode($$"""{"alg":"ES256","typ":"coffer-license+jwt","jwk":{{_world.IssuerKey.SigningKey.ToJson()}}}""");
        AssertRefused(LicenseError.HeaderRefused, header + _world.Issue(_world.Request)[_world.Issue(_world.Request).IndexOf('.', StringComparison.Ordinal)..]);
    }

    [Fact]
    public void Parse_TwoTokensThatAreNotLinked_ThrowsDelegationInvalid() =>
        AssertRefused(LicenseError.DelegationInvalid, _world.Issue(_world.Request) + _world.Issue(_world.Request));

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("a.b.c")]
    [InlineData("not a license")]
    [InlineData("ÄÖÜ")]
    [InlineData("{\"payload\":\"\"}")]
    public void Parse_NotALicense_ThrowsMalformed(string text) => AssertRefused(LicenseError.Malformed, text);

    [Theory]
    [InlineData("iss", null)]
    [InlineData("sub", null)]
    [InlineData("jti", null)]
    [InlineData("lid", null)]
    [InlineData("seq", null)]
    [InlineData("iat", null)]
    [InlineData("cnf", null)]
    [InlineData("iat", "\"2026\"")]
    [InlineData("iat", "1.5")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "1e30")]
    [InlineData("exp", "253402300800")]
    [InlineData("aud", "[\"a\"]")]
    [InlineData("cnf", "{\"jkt\":\"short\"}")]
    [InlineData("cnf", "[]")]
    [InlineData("models", "{}")]
    [InlineData("models", "[{\"id\":\"a\",\"version\":\"1\"}]")]
    [InlineData("models", "[{\"id\":\"a\",\"digest\":\"AB\"}]")]
    [InlineData("keys", "[{\"kid\":\"a\",\"group\":\"other\",\"jwe\":\"x\"}]")]
    [InlineData("tasks", "[1]")]
    [InlineData("tasks", "\"*\"")]
    [InlineData("quota", "{\"calls\":0}")]
    [InlineData("quota", "{}")]
    [InlineData("min_sdk", "\"one\"")]
    [InlineData("sub", "\"\\ud800\"")]
    public void Parse_BadClaim_ThrowsMalformed(string claim, string? value) => AssertRefused(LicenseError.Malformed, WithClaim(claim, value));

    [Fact]
    public void Parse_DuplicateClaim_ThrowsMalformed()
    {
        var payload = Tokens.Payload(_world.Issue(_world.Request));
        AssertRefused(LicenseError.Malformed, _world.Sign(payload[..^1] + ",\"exp\":99999999999}"));
    }

    [Fact]
    public void Verify_UnknownIssuer_ThrowsIssuerUntrusted()
    {
        var license = License.Parse(_world.Issue(_world.Request));
        var trust = LicensingWorld.TrustFor(new TrustedIssuer("somebody-else", _world.IssuerKey.SigningKey));
        Assert.Equal(LicenseError.IssuerUntrusted, Assert.Throws<LicenseException>(() => license.Verify(trust)).Error);
    }

    [Fact]
    public void Verify_AnotherKeyOfTheIssuer_ThrowsSignatureInvalid()
    {
        var license = License.Parse(_world.Issue(_world.Request));
        var trust = LicensingWorld.TrustFor(new TrustedIssuer(LicensingWorld.Issuer, _world.Publisher.SigningKey));
        Assert.Equal(LicenseError.SignatureInvalid, Assert.Throws<LicenseException>(() => license.Verify(trust)).Error);
    }

    [Fact]
    public void Verify_ChangedAtEveryCharacter_IsRefused()
    {
        var text = _world.Issue(_world.Request).TrimEnd();
        // Whole with CI_FULL=1, else every 11th position; the last characters, where base64url has stray bits, always.
        var step = Environment.GetEnvironmentVariable("CI_FULL") == "1" ? 1 : 11;
        for (var i = 0; i < text.Length; i += i < text.Length - 8 ? Math.Min(step, text.Length - 8 - i) : 1)
        {
            foreach (var replacement in new[] { 'A', 'B', '_', '.', ' ' }.Where(c => c != text[i]))
            {
                var changed = text[..i] + replacement + text[(i + 1)..];
                var e = Record.Exception(() => License.Parse(changed).Verify(_world.Trust));
                Assert.True(e is LicenseException, $"position {i} of {text.Length} as '{replacement}': {e}");
            }
        }
    }

    [Fact]
    public void Verify_TruncatedAtEveryLength_IsRefused()
    {
        var text = _world.Issue(_world.Request).TrimEnd();
        for (var length = 0; length < text.Length; length++)
        {
            Assert.Throws<LicenseException>(() => License.Parse(text[..length]).Verify(_world.Trust));
        }
    }

    [Fact]
    public void Verify_HighS_ThrowsSignatureInvalid()
    {
        var text = _world.Issue(_world.Request).TrimEnd();
        var dot = text.LastIndexOf('.');
        var signature = Base64UrlStrict.Decode(text[(dot + 1)..]);
        Tokens.MakeHighS(signature);
        var license = License.Parse(text[..(dot + 1)] + Base64UrlStrict.Encode(signature));
        Assert.Equal(LicenseError.SignatureInvalid, Assert.Throws<LicenseException>(() => license.Verify(_world.Trust)).Error);
    }

    private string WithClaim(string claim, string? value)
    {
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request)))!.AsObject();
        _ = payload.Remove(claim);
        var text = payload.ToJsonString();
        return _world.Sign(value is null ? text : $"{text[..^1]},\"{claim}\":{value}}}");
    }

    private static void AssertRefused(LicenseError error, string text)
    {
        var e = Assert.Throws<LicenseException>(() => License.Parse(text));
        Assert.Equal(error, e.Error);
        Assert.True(Encoding.UTF8.GetByteCount(e.Message) < 600, e.Message);
    }
}
