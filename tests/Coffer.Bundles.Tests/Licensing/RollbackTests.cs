using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class RollbackTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Authorize_OlderBundleThanOneOpened_ThrowsUnlessTheHostAllowsIt()
    {
        var license = _world.Issue(_world.Request);
        _world.Authorize(license, _world.Manifest with { Sequence = 7 }).Dispose();
        _world.Authorize(license, _world.Manifest with { Sequence = 7 }).Dispose();
        Assert.Equal(LicenseError.BundleRollback, Refusal(license, sequence: 6));

        _world.Authorize(license, _world.Manifest with { Sequence = 6 }, options: new() { AllowOlderBundle = true }).Dispose();
        Assert.Equal(LicenseError.BundleRollback, Refusal(license, sequence: 6));
    }

    [Fact]
    public void Authorize_OlderBundleUnderAnotherLicense_ThrowsBundleRollback()
    {
        _world.Authorize(_world.Issue(_world.Request), _world.Manifest with { Sequence = 7 }).Dispose();
        Assert.Equal(LicenseError.BundleRollback, Refusal(_world.Issue(_world.Request), sequence: 1));
    }

    [Fact]
    public void Authorize_OlderBundleOfAnotherModelOrApplication_IsAllowed()
    {
        _world.Authorize(_world.Issue(_world.Request), _world.Manifest with { Sequence = 7 }).Dispose();
        _world.Authorize(_world.Issue(_world.Request with { Models = [new("acme/letters", VersionRange.Any)] }), _world.Manifest with { Id = "acme/letters" }).Dispose();
        _world.Authorize(_world.Issue(_world.Request with { Audience = "app" }), options: new() { Audience = "app" }).Dispose();
    }

    [Fact]
    public void Authorize_RefusedForAnotherReason_RemembersNothing()
    {
        var expired = _world.Issue(_world.Request with { Expires = _world.Clock.GetUtcNow().AddHours(1) });
        var license = _world.Issue(_world.Request);
        _world.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(LicenseError.Expired, Refusal(expired, sequence: 9));
        _world.Authorize(license).Dispose();
    }

    [Fact]
    public void Begin_UnderAnOlderTokenForHours_LeavesTheNewerOneInForce()
    {
        var old = _world.Issue(_world.Request with { LicenseId = "g" });
        using var running = _world.Authorize(old);
        _world.Authorize(_world.Request with { LicenseId = "g", Sequence = 1 }).Dispose();
        _world.Clock.Advance(TimeSpan.FromHours(3));
        running.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();

        Assert.Equal(1, _world.Device.Ledger.Entry(new GrantId(LicensingWorld.Issuer, "g")).Sequence);
        Assert.Equal(LicenseError.Superseded, Refusal(old, sequence: 1));
    }

    [Fact]
    public void Begin_ForHours_TellsTheLedgerThatItIsInUse()
    {
        var license = _world.Issue(_world.Request with { LicenseId = "g" });
        using var running = _world.Authorize(license);
        _world.Clock.Advance(TimeSpan.FromHours(3));
        running.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();
        Assert.Equal(_world.Clock.GetUtcNow().ToUnixTimeSeconds(), _world.Device.Ledger.Entry(new GrantId(LicensingWorld.Issuer, "g")).Seen);
    }

    [Fact]
    public void Authorize_OlderIssuerSetThanOneSeen_ThrowsIssuersRolledBack()
    {
        var license = License.Parse(_world.Issue(_world.Request));
        var bundle = new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null);
        var tokens = license.Verify(_world.Trust).Tokens;
        new VerifiedLicense(license, tokens, new() { ["acme"] = 4 }).Authorize(bundle, _world.Device, new() { Clock = _world.Clock }).Dispose();
        var e = Assert.Throws<LicenseException>(() => new VerifiedLicense(license, tokens, new() { ["acme"] = 3 }).Authorize(bundle, _world.Device, new() { Clock = _world.Clock }));
        Assert.Equal(LicenseError.IssuersRolledBack, e.Error);
    }

    private LicenseError Refusal(string license, long sequence) =>
        Assert.Throws<LicenseException>(() => _world.Authorize(license, _world.Manifest with { Sequence = sequence })).Error;
}
