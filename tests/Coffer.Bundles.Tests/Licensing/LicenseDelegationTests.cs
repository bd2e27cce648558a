using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Tests.Keys;

namespace Coffer.Tests.Licensing;

public sealed class LicenseDelegationTests : IDisposable
{
    private const string Oem = "oem";

    private readonly LicensingWorld _world = new();
    private readonly KeyFile _oem;
    private readonly LicenseRequest _toOem;

    public LicenseDelegationTests()
    {
        _oem = KeyFile.Create(_world.Folder.File("oem.key"));
        _toOem = _world.Request with { Recipient = _oem.Recipient, Licensee = Oem, DelegationDepth = 2, Calls = 100, LicenseId = "fleet" };
    }

    public void Dispose()
    {
        _oem.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void Narrow_ForADevice_OpensKeysAndCountsUnderItself()
    {
        var license = Narrow(Parent(), request => request with { Calls = 3, LicenseId = "car-1" });
        using var entitlement = _world.Authorize(license);
        using var keys = entitlement.UnwrapKeys(_world.Device);
        using var expected = _world.Store.Open("digits.weights.1");
        Assert.Equal(expected.Bytes, keys[PartGroup.Weights].Bytes);
        Assert.Equal(("car-1", Oem, "car 1"), (entitlement.LicenseId, entitlement.Issuer, entitlement.Licensee));

        for (var i = 0; i < 3; i++)
        {
            entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();
        }

        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Narrow_TwoOnOneDevice_ShareTheParentsQuota()
    {
        var parent = Parent(_toOem with { Calls = 5 });
        using var one = _world.Authorize(Narrow(parent, request => request with { LicenseId = "one" }));
        using var two = _world.Authorize(Narrow(parent, request => request with { LicenseId = "two" }));
        one.Begin(LicensingWorld.Task, ExecutionTarget.Local, 3).Dispose();
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => two.Begin(LicensingWorld.Task, ExecutionTarget.Local, 3)).Error);
        two.Begin(LicensingWorld.Task, ExecutionTarget.Local, 2).Dispose();
    }

    [Fact]
    public void Authorize_LicenseToADelegate_ThrowsNotForADevice() => AssertRefused(LicenseError.NotForADevice, _world.Issue(_toOem));

    public static TheoryData<string, string> WiderClaims => new()
    {
        { "exp", """{"exp":9999999999}""" },
        { "nbf", """{"nbf":1000}""" },
        { "aud", """{"aud":"other"}""" },
        { "models", """{"models":[{"id":"acme/digits","version":"[1.2.0,3.0.0)"}]}""" },
        { "models", """{"models":[{"id":"acme/letters","version":"[1.2.0]"}]}""" },
        { "models", """{"models":[{"id":"acme/digits"}]}""" },
        { "tasks", """{"tasks":["*"]}""" },
        { "tasks", """{"tasks":["image-classification","text-generation"]}""" },
        { "targets", """{"targets":["local","remote"]}""" },
        { "providers", """{"providers":["cpu","cuda"]}""" },
        { "quota.calls", """{"quota":{"calls":101,"window":3600}}""" },
        { "quota.calls", """{"quota":{"calls":100,"window":3599}}""" },
        { "quota.concurrent", """{"quota":{"calls":100,"window":3600,"concurrent":3}}""" },
        { "offline", """{"offline":{"max":86401,"grace":0}}""" },
        { "offline", """{"offline":{"max":10,"grace":3601}}""" },
        { "remote.endpoints", """{"remote":{"endpoints":["https://models.example"],"desensitise":["faces"]}}""" },
        { "remote.endpoints", """{"remote":{"endpoints":["https://models.example/v10"],"desensitise":["faces"]}}""" },
        { "remote.endpoints", """{"remote":{"endpoints":["http://models.example/v1"],"desensitise":["faces"]}}""" },
        { "remote.endpoints", """{"remote":{"endpoints":["https://models.example/v1/../v2"],"desensitise":["faces"]}}""" },
        { "remote.endpoints", """{"remote":{"endpoints":["*"],"desensitise":["faces"]}}""" },
        { "remote.desensitise", """{"remote":{"endpoints":["https://models.example/v1"],"desensitise":[]}}""" },
        { "watermark", """{"watermark":"another"}""" },
        { "min_sdk", """{"min_sdk":"0.0.1"}""" },
        { "keys", """{"keys":[{"kid":"letters.weights.1","group":"weights","jwe":"e30.e30.e30.e30.e30"}]}""" },
        { "delegate.depth", """{"delegate":{"depth":2}}""" },
    };

    [Theory]
    [MemberData(nameof(WiderClaims))]
    public void Parse_ClaimWiderThanAbove_ThrowsWidenedAndNamesIt(string claim, string wider)
    {
        var text = Sign(Parent(Full), payload =>
        {
            foreach (var (name, value) in JsonNode.Parse(wider)!.AsObject())
            {
                payload[name] = value!.DeepClone();
            }

            if (claim == "delegate.depth")
            {
                payload["delegate"]!["jwk"] = JsonNode.Parse(_world.Publisher.SigningKey.ToJson());
            }
        });
        var e = Assert.Throws<LicenseException>(() => License.Parse(text));
        Assert.Equal(LicenseError.Widened, e.Error);
        Assert.Contains($"'{claim}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NarrowerInEveryClaim_GivesTheNarrower()
    {
        var now = _world.Clock.GetUtcNow();
        var text = Narrow(Parent(Full), request => request with
        {
            Expires = now.AddDays(1),
            NotBefore = now.AddHours(1),
            Calls = 9,
            Window = TimeSpan.FromHours(2),
            Concurrent = 1,
            Offline = new OfflineTerms(TimeSpan.FromHours(1), TimeSpan.Zero),
            Remote = new RemoteTerms(["https://models.example/v1/digits"], ["faces", "email"]),
            Models = [new LicensedModel("acme/digits", VersionRange.Parse("[1.2.0]"), LicensingWorld.Digest)],
        });
        var claims = License.Parse(text).Verify(_world.Trust).Claims;
        Assert.Equal((9L, TimeSpan.FromHours(2), 1, now.AddDays(1)), (claims.Calls!.Value, claims.Window!.Value, claims.Concurrent!.Value, claims.Expires!.Value));
        Assert.Equal("[1.2.0]", Assert.Single(claims.Models).Versions.ToString());
    }

    [Fact]
    public void Parse_ClaimsThatAreAbsentBelow_AreInherited()
    {
        var text = Sign(Parent(Full), payload =>
        {
            foreach (var claim in new[] { "exp", "models", "tasks", "targets", "providers", "quota", "offline", "remote", "watermark", "min_sdk", "aud", "nbf" })
            {
                _ = payload.Remove(claim);
            }
        });
        var (claims, above) = (License.Parse(text).Claims, License.Parse(_world.Issue(Full)).Claims);
        Assert.Equal(above.Tasks, claims.Tasks);
        Assert.Equal(above.Targets, claims.Targets);
        Assert.Equal(above.Providers, claims.Providers);
        Assert.Equal((above.Expires, above.Calls, above.Window, above.Concurrent, above.Offline, above.Watermark, above.Audience), (claims.Expires, claims.Calls, claims.Window, claims.Concurrent, claims.Offline, claims.Watermark, claims.Audience));
        Assert.Equal(above.Remote!.Endpoints, claims.Remote!.Endpoints);
    }

    [Fact]
    public void Parse_EmptyListBelow_GivesNone()
    {
        var text = Sign(Parent(), payload => payload["tasks"] = new JsonArray());
        AssertRefused(LicenseError.TaskNotLicensed, text);
    }

    [Fact]
    public void Narrow_MoreThanTheParentGives_ThrowsWidened()
    {
        var e = Assert.Throws<LicenseException>(() => Narrow(Parent(), request => request with { Calls = 101 }));
        Assert.Equal(LicenseError.Widened, e.Error);
    }

    [Fact]
    public void Narrow_ByAnotherKeyOrBelowALeaf_ThrowsDelegationInvalid()
    {
        var parent = Parent();
        var stranger = new LicenseIssuer(Oem, _world.Publisher, _world.Clock);
        Assert.Equal(LicenseError.DelegationInvalid, Assert.Throws<LicenseException>(() => stranger.Narrow(parent, LicenseRequest.Under(parent, _world.Device.Recipient, "x"))).Error);

        var leaf = License.Parse(Narrow(parent, request => request)).Verify(_world.Trust);
        Assert.Equal(LicenseError.DelegationInvalid, Assert.Throws<LicenseException>(() => new LicenseIssuer(Oem, _oem, _world.Clock).Narrow(leaf, LicenseRequest.Under(leaf, _world.Device.Recipient, "x"))).Error);
    }

    [Fact]
    public void Narrow_TwiceToADevice_ReachesTheDepthAndNoFurther()
    {
        using var dealer = KeyFile.Create(_world.Folder.File("dealer.key"));
        var middle = License.Parse(new LicenseIssuer(Oem, _oem, _world.Clock).Narrow(Parent(), LicenseRequest.Under(Parent(), dealer.Recipient, "dealer") with { DelegationDepth = 1 })).Verify(_world.Trust);
        var text = new LicenseIssuer("dealer", dealer, _world.Clock).Narrow(middle, LicenseRequest.Under(middle, _world.Device.Recipient, "car 2"));
        _world.Authorize(text).Dispose();
        Assert.Equal(3, License.Parse(text).Chain.Count);
        Assert.Equal(LicenseError.Widened, Assert.Throws<LicenseException>(() =>
            new LicenseIssuer("dealer", dealer, _world.Clock).Narrow(middle, LicenseRequest.Under(middle, _oem.Recipient, "next") with { DelegationDepth = 1 })).Error);
    }

    [Fact]
    public void Parse_TokensLeftOutOrInAnotherOrder_ThrowsDelegationInvalid()
    {
        var lines = Narrow(Parent(), request => request).TrimEnd().Split('\n');
        AssertRefused(LicenseError.DelegationInvalid, lines[1]);
        AssertRefused(LicenseError.DelegationInvalid, $"{lines[1]}\n{lines[0]}");
        AssertRefused(LicenseError.DelegationInvalid, $"{lines[0]}\n{lines[1]}\n{lines[1]}");
        AssertRefused(LicenseError.NotForADevice, lines[0]);
    }

    [Fact]
    public void Verify_LowerTokenByAnotherKey_ThrowsSignatureInvalid()
    {
        var parent = Parent();
        var good = Narrow(parent, request => request).TrimEnd().Split('\n');
        var forged = Jws.Sign(License.Type, System.Text.Encoding.UTF8.GetBytes(Tokens.Payload(good[1])), _world.Device);
        AssertRefused(LicenseError.SignatureInvalid, $"{good[0]}\n{forged}");
    }

    [Fact]
    public void Authorize_AncestorRevokedOrExpired_RefusesTheWholeChain()
    {
        var status = _world.Register.Allocate();
        var parent = Parent(_toOem with { Status = status, Expires = _world.Clock.GetUtcNow().AddDays(2) });
        var license = Narrow(parent, request => request);
        var lists = new StatusLists();
        using (var entitlement = _world.Authorize(license, options: new() { StatusLists = lists }))
        {
            Assert.Equal(EntitlementState.Advisory, entitlement.State);
        }

        _world.Register.Revoke(status.Index);
        lists.Add(_world.Publish());
        Assert.Equal(LicenseError.Revoked, Assert.Throws<LicenseException>(() => _world.Authorize(license, options: new() { StatusLists = lists })).Error);
        _world.Clock.Advance(TimeSpan.FromDays(2));
        AssertRefused(LicenseError.Expired, license);
    }

    [Fact]
    public void Authorize_OlderTokenAbove_ThrowsSuperseded()
    {
        var old = Narrow(Parent(), request => request);
        _world.Authorize(Narrow(Parent(_toOem with { Sequence = 1 }), request => request)).Dispose();
        AssertRefused(LicenseError.Superseded, old);
    }

    [Fact]
    public void Authorize_NamesOfADelegateThatAreTheIssuers_CountApart()
    {
        // A delegate that calls itself the vendor, with the vendor's grant: its key keeps its numbers apart.
        var vendors = _world.Issue(_world.Request with { LicenseId = "g", Sequence = 1 });
        var parent = Parent();
        var impostor = new LicenseIssuer(LicensingWorld.Issuer, _oem, _world.Clock).Narrow(parent, LicenseRequest.Under(parent, _world.Device.Recipient, "x") with { LicenseId = "g", Sequence = 99 });
        _world.Authorize(impostor).Dispose();
        _world.Authorize(vendors).Dispose();
    }

    [Fact]
    public void Parse_MoreTokensThanAllowed_ThrowsDelegationInvalid() =>
        AssertRefused(LicenseError.DelegationInvalid, string.Join('\n', Enumerable.Repeat(_world.Issue(_toOem).TrimEnd(), 9)));

    // Every claim limited, so that each can be widened.
    private LicenseRequest Full => _toOem with
    {
        Audience = "app",
        NotBefore = _world.Clock.GetUtcNow(),
        Providers = ["cpu"],
        Window = TimeSpan.FromHours(1),
        Concurrent = 2,
        Offline = new OfflineTerms(TimeSpan.FromDays(1), TimeSpan.FromHours(1)),
        Status = new StatusReference(LicensingWorld.StatusUri, 7),
        Remote = new RemoteTerms(["https://models.example/v1"], ["faces"]),
        Watermark = "mark",
        MinSdk = SemanticVersion.Parse("0.1.0"),
    };

    private VerifiedLicense Parent(LicenseRequest? request = null) => License.Parse(_world.Issue(request ?? _toOem)).Verify(_world.Trust);

    private string Narrow(VerifiedLicense parent, Func<LicenseRequest, LicenseRequest> edit) =>
        new LicenseIssuer(Oem, _oem, _world.Clock).Narrow(parent, edit(LicenseRequest.Under(parent, _world.Device.Recipient, "car 1")));

    /// <summary>What a delegate signs that does not use this library.</summary>
    private string Sign(VerifiedLicense parent, Action<JsonObject> edit)
    {
        var lines = Narrow(parent, request => request).TrimEnd().Split('\n');
        var payload = JsonNode.Parse(Tokens.Payload(lines[1]))!.AsObject();
        edit(payload);
        return $"{lines[0]}\n{Jws.Sign(License.Type, System.Text.Encoding.UTF8.GetBytes(payload.ToJsonString()), _oem)}";
    }

    private void AssertRefused(LicenseError error, string license) =>
        Assert.Equal(error, Assert.Throws<LicenseException>(() => _world.Authorize(license)).Error);
}
