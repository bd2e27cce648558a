using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Tests.Keys;

namespace Coffer.Tests.Licensing;

public sealed class VerifiedLicenseTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Authorize_RightLicense_GivesKeysOfThisBundle()
    {
        using var entitlement = _world.Authorize(_world.Request);
        using var keys = entitlement.UnwrapKeys(_world.Device);
        foreach (var (group, id) in _world.Manifest.KeyIds)
        {
            using var expected = _world.Store.Open(id);
            Assert.Equal(expected.Bytes, keys[group].Bytes);
            Assert.Equal(id, keys[group].Id);
        }

        Assert.Equal(("acme/digits", LicensingWorld.Digest), (entitlement.BundleId, entitlement.ManifestDigest));
    }

    [Fact]
    public void Authorize_WhenBundleIsNull_Throws() =>
        Assert.Throws<ArgumentNullException>(() => License.Parse(_world.Issue(_world.Request)).Verify(_world.Trust).Authorize((VerifiedBundle)null!, _world.Device));

    [Fact]
    public void Authorize_PublisherThatDoesNotAllowTheIssuer_ThrowsIssuerUntrusted() =>
        AssertRefused(LicenseError.IssuerUntrusted, _world.Issue(_world.Request), _world.Manifest with { Publisher = "other" });

    [Theory]
    [InlineData("\"quota\":{\"calls\":5,\"region\":\"eu\"}", "quota.region")]
    [InlineData("\"offline\":{\"max\":60,\"mode\":\"strict\"},\"status\":{\"uri\":\"https://x\",\"idx\":1}", "offline.mode")]
    [InlineData("\"status\":{\"uri\":\"https://x\",\"idx\":1,\"kind\":\"y\"}", "status.kind")]
    [InlineData("\"remote\":{\"region\":\"eu\"}", "remote.region")]
    public void Authorize_LimitThatNobodyEnforces_ThrowsNotEnforceable(string claim, string name)
    {
        var e = AssertRefused(LicenseError.NotEnforceable, With(claim));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Authorize_UnknownMemberOfModel_ThrowsNotEnforceable()
    {
        var payload = Tokens.Payload(_world.Issue(_world.Request)).Replace("{\"id\":\"acme/digits\"", "{\"region\":\"eu\",\"id\":\"acme/digits\"", StringComparison.Ordinal);
        Assert.Contains("models.region", AssertRefused(LicenseError.NotEnforceable, _world.Sign(payload)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Authorize_UnknownClaim_IsIgnoredUnlessItMustBeUnderstood()
    {
        _world.Authorize(With("\"note\":\"hello\"")).Dispose();
        AssertRefused(LicenseError.RequirementUnknown, With("\"note\":\"hello\",\"must\":[\"exp\",\"note\"]"));
        _world.Authorize(With("\"must\":[\"exp\",\"quota\"]")).Dispose();
    }

    [Fact]
    public void Authorize_NewerSdkRequired_ThrowsSdkTooOld() =>
        AssertRefused(LicenseError.SdkTooOld, _world.Issue(_world.Request with { MinSdk = SemanticVersion.Parse("999.0.0") }));

    [Fact]
    public void Authorize_AroundItsTimes_FollowsTheClock()
    {
        var now = _world.Clock.GetUtcNow();
        var license = _world.Issue(_world.Request with { NotBefore = now.AddHours(1), Expires = now.AddHours(2) });

        AssertRefused(LicenseError.NotYetValid, license);
        _world.Clock.Advance(TimeSpan.FromMinutes(55));
        _world.Authorize(license).Dispose();
        _world.Clock.Advance(TimeSpan.FromMinutes(65) - TimeSpan.FromSeconds(1));
        _world.Authorize(license).Dispose();
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        AssertRefused(LicenseError.Expired, license);
    }

    [Fact]
    public void Authorize_IssuedInTheFuture_ThrowsNotYetValidBeyondLeeway()
    {
        var iat = _world.Clock.GetUtcNow().ToUnixTimeSeconds();
        _world.Authorize(With($"\"iat\":{iat + 300}")).Dispose();
        AssertRefused(LicenseError.NotYetValid, With($"\"iat\":{iat + 301}"));
    }

    [Fact]
    public void Authorize_NoExpiry_IsValidLater()
    {
        var license = _world.Issue(_world.Request with { Expires = null });
        _world.Clock.Advance(TimeSpan.FromDays(36500));
        using var entitlement = _world.Authorize(license);
        Assert.Null(entitlement.Expires);
    }

    [Fact]
    public void Authorize_OtherAudience_ThrowsAudienceMismatch()
    {
        var license = _world.Issue(_world.Request with { Audience = "app" });
        AssertRefused(LicenseError.AudienceMismatch, license);
        Assert.Equal(LicenseError.AudienceMismatch, Assert.Throws<LicenseException>(() => _world.Authorize(license, options: new() { Audience = "App" })).Error);
        _world.Authorize(license, options: new() { Audience = "app" }).Dispose();
        _world.Authorize(_world.Issue(_world.Request), options: new() { Audience = "any" }).Dispose();
    }

    [Fact]
    public void Authorize_AnotherBundle_ThrowsModelNotLicensed() =>
        AssertRefused(LicenseError.ModelNotLicensed, _world.Issue(_world.Request), _world.Manifest with { Id = "acme/letters" });

    [Fact]
    public void Authorize_AnotherVersion_ThrowsVersionNotLicensed() =>
        AssertRefused(
            LicenseError.VersionNotLicensed,
            _world.Issue(_world.Request with { Models = [new("acme/digits", VersionRange.Parse("[1.0.0,2.0.0)"))] }),
            _world.Manifest with { Version = SemanticVersion.Parse("2.0.0") });

    [Fact]
    public void Authorize_AnotherDigest_ThrowsDigestMismatch()
    {
        AssertRefused(LicenseError.DigestMismatch, _world.Issue(_world.Request with { Models = [new("acme/digits", VersionRange.Any, new string('a', 64))] }));
        _world.Authorize(_world.Request with { Models = [new("acme/digits", VersionRange.Any, LicensingWorld.Digest)] }).Dispose();
    }

    [Fact]
    public void Authorize_NoTaskOrTarget_MeansNone()
    {
        AssertRefused(LicenseError.TaskNotLicensed, Without("tasks"));
        AssertRefused(LicenseError.TaskNotLicensed, _world.Issue(_world.Request with { Tasks = ["text-generation"] }));
        AssertRefused(LicenseError.TargetNotLicensed, Without("targets"));
        using var entitlement = _world.Authorize(Without("providers"));
        Assert.False(entitlement.AllowsProvider("cpu"));
    }

    [Fact]
    public void Authorize_KeyOfTheBundleMissing_ThrowsKeyMissing()
    {
        AssertRefused(LicenseError.KeyMissing, _world.Issue(_world.Request with { KeyIds = ["digits.settings.1"] }));
        AssertRefused(LicenseError.KeyMissing, Without("keys"));
    }

    [Fact]
    public void Authorize_AnotherDevice_ThrowsDeviceMismatch()
    {
        using var other = FileDeviceKey.Create(_world.Folder.File("other.key"));
        var e = Assert.Throws<LicenseException>(() => _world.Authorize(_world.Issue(_world.Request), device: other));
        Assert.Equal(LicenseError.DeviceMismatch, e.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Authorize_DeviceThatClaimsAKeyItLacks_ThrowsDeviceUnproven(bool replays)
    {
        using var impostor = new Impostor(_world.Device, replays);
        var e = Assert.Throws<LicenseException>(() => _world.Authorize(_world.Issue(_world.Request), device: impostor));
        Assert.Equal(LicenseError.DeviceUnproven, e.Error);
    }

    [Fact]
    public void UnwrapKeys_KeyChangedByItsIssuer_ThrowsKeyUnwrapFailed()
    {
        using var other = FileDeviceKey.Create(_world.Folder.File("other.key"));
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request)))!;
        var foreign = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request with { Recipient = other.Recipient })))!;
        payload["keys"] = foreign["keys"]!.DeepClone();

        using var entitlement = _world.Authorize(_world.Sign(payload.ToJsonString()));
        var e = Assert.Throws<LicenseException>(() => entitlement.UnwrapKeys(_world.Device));
        Assert.Equal(LicenseError.KeyUnwrapFailed, e.Error);
    }

    [Fact]
    public void UnwrapKeys_SwappedWithinTheLicense_ThrowsKeyUnwrapFailed()
    {
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request)))!;
        var (first, second) = (payload["keys"]![0]!["jwe"]!.GetValue<string>(), payload["keys"]![1]!["jwe"]!.GetValue<string>());
        payload["keys"]![0]!["jwe"] = second;
        payload["keys"]![1]!["jwe"] = first;

        using var entitlement = _world.Authorize(_world.Sign(payload.ToJsonString()));
        Assert.Equal(LicenseError.KeyUnwrapFailed, Assert.Throws<LicenseException>(() => entitlement.UnwrapKeys(_world.Device)).Error);
    }

    [Fact]
    public void UnwrapKeys_RemoteOnlyLicense_HasNoWeights()
    {
        var license = _world.Issue(_world.Request with { Targets = [ExecutionTarget.Remote] });
        Assert.DoesNotContain("digits.weights", Tokens.Payload(license), StringComparison.Ordinal);

        using var entitlement = _world.Authorize(license);
        using var keys = entitlement.UnwrapKeys(_world.Device);
        Assert.True(keys.Contains(PartGroup.Settings));
        Assert.False(keys.Contains(PartGroup.Weights));
        Assert.Equal(LicenseError.KeyMissing, Assert.Throws<LicenseException>(() => keys[PartGroup.Weights]).Error);
    }

    [Fact]
    public void UnwrapKeys_RsaDevice_OpensItsKeys()
    {
        using var device = new RsaDeviceKey(System.Security.Cryptography.RSA.Create(2048));
        using var entitlement = _world.Authorize(_world.Issue(_world.Request with { Recipient = Recipient.Of(device) }), device: device);
        using var keys = entitlement.UnwrapKeys(device);
        using var expected = _world.Store.Open("digits.weights.1");
        Assert.Equal(expected.Bytes, keys[PartGroup.Weights].Bytes);
    }

    [Fact]
    public void Issue_WithoutGrantOrSense_Throws()
    {
        var issuer = new LicenseIssuer(LicensingWorld.Issuer, _world.IssuerKey, _world.Clock);
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => issuer.Issue(_world.Request, [])).Error);
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => new LicenseIssuer("other", _world.IssuerKey).Issue(_world.Request, _world.Grants)).Error);
        Assert.Equal(KeyError.UnwrapFailed, Assert.Throws<KeyException>(() => new LicenseIssuer(LicensingWorld.Issuer, _world.Publisher).Issue(_world.Request, _world.Grants)).Error);
        Assert.Throws<ArgumentException>(() => issuer.Issue(_world.Request with { Calls = 0 }, _world.Grants));
        Assert.Throws<ArgumentException>(() => issuer.Issue(_world.Request with { NotBefore = _world.Request.Expires }, _world.Grants));
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => issuer.Issue(_world.Request with { Calls = 1, Recipient = _world.Device.Recipient with { LedgerId = null } }, _world.Grants)).Error);
    }

    private LicenseException AssertRefused(LicenseError error, string license, BundleManifest? manifest = null)
    {
        var e = Assert.Throws<LicenseException>(() => _world.Authorize(license, manifest));
        Assert.Equal(error, e.Error);
        return e;
    }

    private string With(string claim)
    {
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request)))!.AsObject();
        foreach (var (name, _) in JsonNode.Parse($"{{{claim}}}")!.AsObject())
        {
            _ = payload.Remove(name);
        }

        return _world.Sign($"{payload.ToJsonString()[..^1]},{claim}}}");
    }

    private string Without(string claim)
    {
        var payload = JsonNode.Parse(Tokens.Payload(_world.Issue(_world.Request)))!.AsObject();
        Assert.True(payload.Remove(claim));
        return _world.Sign(payload.ToJsonString());
    }

    /// <summary>Knows a device's public keys, and at best a signature that the device made before.</summary>
    private sealed class Impostor(FileDeviceKey device, bool replays) : IDeviceKey
    {
        public JsonWebKey SigningKey => device.SigningKey;

        public JsonWebKey AgreementKey => device.AgreementKey;

        public void Unwrap(in KeyEnvelope envelope, Span<byte> keyMaterial) => throw new NotSupportedException();

        public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
        {
            if (replays)
            {
                device.Sign("what was signed before"u8, signature);
            }
        }

        public void DeriveLocalSecret(string label, Span<byte> secret) => secret.Clear();

        public void Dispose()
        {
        }
    }
}
