using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class StatusTests : IDisposable
{
    private readonly LicensingWorld _world = new();
    private readonly StatusLists _lists = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Begin_OfflineFromDayToDay_IsCurrentThenGraceThenRefused()
    {
        using var entitlement = Authorize(_world.OfflineRequest);
        var changes = new List<(EntitlementState, EntitlementState, DateTimeOffset?)>();
        entitlement.StateChanged += (_, change) => changes.Add((change.Before, change.After, change.Until));
        Assert.Equal(EntitlementState.Current, entitlement.State);
        var end = _world.Clock.GetUtcNow().AddHours(25);

        _world.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Begin(entitlement);
        Assert.Empty(changes);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Begin(entitlement);
        Assert.Equal([(EntitlementState.Current, EntitlementState.Grace, end)], changes);
        Assert.Equal((EntitlementState.Grace, end), (entitlement.State, entitlement.RefusedFrom));

        _world.Clock.Advance(TimeSpan.FromHours(1));
        var e = AssertRefused(LicenseError.OfflineBudgetExceeded, entitlement);
        Assert.Contains("24 hours", e.Message, StringComparison.Ordinal);

        _lists.Add(_world.Publish());
        Begin(entitlement);
        Assert.Equal(EntitlementState.Current, entitlement.State);
        Assert.Equal((EntitlementState.Grace, EntitlementState.Current), (changes[^1].Item1, changes[^1].Item2));
    }

    [Fact]
    public void Begin_ListPastItsOwnEnd_ThrowsStatusStale()
    {
        var request = _world.OfflineRequest;
        _lists.Add(_world.Publish(TimeSpan.FromHours(2)));
        using var entitlement = Authorize(request);
        _world.Clock.Advance(TimeSpan.FromHours(2));
        Begin(entitlement);
        Assert.Equal(EntitlementState.Grace, entitlement.State);
        _world.Clock.Advance(TimeSpan.FromHours(1));
        _ = AssertRefused(LicenseError.StatusStale, entitlement);
    }

    [Fact]
    public void Authorize_StatusWithoutOfflineTerms_IsAdvisoryWithoutAFreshList()
    {
        var license = _world.Issue(_world.Request with { Status = _world.Register.Allocate() });
        using (var none = Authorize(license))
        {
            Assert.Equal(EntitlementState.Advisory, none.State);
        }

        _lists.Add(_world.Publish(TimeSpan.FromHours(1)));
        using var entitlement = Authorize(license);
        Assert.Equal(EntitlementState.Current, entitlement.State);
        _world.Clock.Advance(TimeSpan.FromHours(1));
        Begin(entitlement);
        Assert.Equal(EntitlementState.Advisory, entitlement.State);
    }

    [Fact]
    public void Begin_RevokedInARunningProcess_RefusesTheNextCallAndEveryOpening()
    {
        var request = _world.OfflineRequest;
        var license = _world.Issue(request);
        using var entitlement = Authorize(license);
        Begin(entitlement);
        _world.Register.Revoke(request.Status!.Index);
        _lists.Add(_world.Publish());

        _ = AssertRefused(LicenseError.Revoked, entitlement);
        Assert.Equal(LicenseError.Revoked, Assert.Throws<LicenseException>(() => Authorize(license)).Error);
    }

    [Fact]
    public void Begin_SuspendedAndReinstated_RefusesAndAllows()
    {
        var request = _world.OfflineRequest;
        using var entitlement = Authorize(request);
        _world.Register.Suspend(request.Status!.Index);
        _lists.Add(_world.Publish());
        _ = AssertRefused(LicenseError.Suspended, entitlement);

        _world.Register.Reinstate(request.Status.Index);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        _lists.Add(_world.Publish());
        Begin(entitlement);
    }

    [Fact]
    public void Authorize_OthersRevoked_IsAllowed()
    {
        var request = _world.OfflineRequest;
        _world.Register.Revoke(_world.Register.Allocate().Index);
        _world.Register.RevokeDevice(new string('x', 43));
        _world.Register.RevokeManifest(new string('0', 64));
        _world.Register.RevokeSigner(new RevokedSigner(new string('1', 64), null));
        _lists.Add(_world.Publish());
        Authorize(request).Dispose();
    }

    [Fact]
    public void Authorize_DeviceOrManifestRevoked_SaysWhich()
    {
        var request = _world.OfflineRequest;
        _world.Register.RevokeManifest(LicensingWorld.Digest);
        _lists.Add(_world.Publish());
        Assert.Equal(LicenseError.BundleRevoked, Assert.Throws<LicenseException>(() => Authorize(request)).Error);
        _world.Register.RevokeDevice(_world.Device.SigningKey.Thumbprint);
        _lists.Add(_world.Publish());
        Assert.Equal(LicenseError.DeviceRevoked, Assert.Throws<LicenseException>(() => Authorize(request)).Error);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, -10, true)]
    [InlineData(0, -10, false)]
    [InlineData(0, 0, true)]
    [InlineData(0, null, true)]
    public void Authorize_SignerRevokedAfterATime_LooksAtTheTimestamp(int? afterHours, int? timestampHours, bool isRefused)
    {
        var now = _world.Clock.GetUtcNow();
        var signature = new BundleSignature("ECDSA P-256, SHA-256", "CN=signer", new string('a', 64), now, now) { Timestamp = timestampHours is { } hours ? now.AddHours(hours) : null };
        var license = _world.Issue(_world.OfflineRequest);
        _world.Register.RevokeSigner(new RevokedSigner(new string('a', 64), afterHours is { } after ? now.AddHours(after) : null));
        _lists.Add(_world.Publish());
        var e = Record.Exception(() => _world.Authorize(license, options: new() { StatusLists = _lists }, signature: signature).Dispose());
        Assert.Equal(isRefused ? LicenseError.SignerRevoked : null, (e as LicenseException)?.Error);
    }

    [Fact]
    public void Authorize_OlderListThanOneSeen_ThrowsStatusStale()
    {
        var request = _world.OfflineRequest;
        var license = _world.Issue(request);
        var old = _world.Publish();
        _world.Register.Revoke(request.Status!.Index);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _lists.Add(_world.Publish());
        Assert.Equal(LicenseError.Revoked, Assert.Throws<LicenseException>(() => Authorize(license)).Error);

        // What was refused is not recorded; what was used is.
        var other = _world.Issue(_world.Request with { Status = _world.Register.Allocate() });
        Authorize(other).Dispose();
        var frozen = new StatusLists();
        frozen.Add(old);
        Assert.Equal(LicenseError.StatusStale, Assert.Throws<LicenseException>(() => _world.Authorize(license, options: new() { StatusLists = frozen })).Error);
    }

    [Fact]
    public void Add_OlderList_KeepsTheNewer()
    {
        var request = _world.OfflineRequest;
        var old = _world.Publish();
        _world.Register.Revoke(request.Status!.Index);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        _lists.Add(_world.Publish());
        _lists.Add(old);
        Assert.Equal(LicenseError.Revoked, Assert.Throws<LicenseException>(() => Authorize(request)).Error);
    }

    [Fact]
    public void Authorize_ListOfAnotherSignerOrWithoutThePlace_ThrowsStatusInvalid()
    {
        var request = _world.OfflineRequest;
        _lists.Add(StatusList.Parse(_world.Register.Publish(LicensingWorld.Issuer, _world.Publisher, clock: _world.Clock)));
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => Authorize(request)).Error);

        _lists.Add(StatusList.Parse(_world.Register.Publish("somebody", _world.IssuerKey, clock: _world.Clock)));
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => Authorize(request)).Error);

        _lists.Add(_world.Publish());
        Assert.Equal(LicenseError.StatusInvalid, Assert.Throws<LicenseException>(() => Authorize(request with { Status = new StatusReference(LicensingWorld.StatusUri, 1024) })).Error);
        Authorize(request).Dispose();
    }

    [Fact]
    public void Authorize_OfflineTermsWithoutTheLedger_ThrowsLedgerMissing()
    {
        var license = _world.Issue(_world.OfflineRequest);
        File.Delete(_world.Folder.File("device.ledger"));
        Assert.Equal(LicenseError.LedgerMissing, Assert.Throws<LicenseException>(() => Authorize(license)).Error);
    }

    [Fact]
    public void FindRefusal_RevokedOrNot_RecordsNothing()
    {
        var request = _world.OfflineRequest with { LicenseId = "g" };
        var license = License.Parse(_world.Issue(request)).Verify(_world.Trust);
        var before = File.ReadAllBytes(_world.Folder.File("device.ledger"));
        var bundle = new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null);
        Assert.Null(license.FindRefusal(bundle, _world.Device, new() { Clock = _world.Clock, StatusLists = _lists }));
        _world.Register.Revoke(request.Status!.Index);
        _lists.Add(_world.Publish());
        Assert.Equal(LicenseError.Revoked, license.FindRefusal(bundle, _world.Device, new() { Clock = _world.Clock, StatusLists = _lists })?.Error);
        Assert.Equal(before, File.ReadAllBytes(_world.Folder.File("device.ledger")));
    }

    private Entitlement Authorize(LicenseRequest request) => Authorize(_world.Issue(request));

    private Entitlement Authorize(string license) => _world.Authorize(license, options: new() { StatusLists = _lists });

    private static void Begin(Entitlement entitlement) => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();

    private static LicenseException AssertRefused(LicenseError error, Entitlement entitlement)
    {
        var e = Assert.Throws<LicenseException>(() => Begin(entitlement));
        Assert.Equal(error, e.Error);
        return e;
    }
}
