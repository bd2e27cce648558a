using Coffer.Bundles;
using Coffer.Tests.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Licensing;

public sealed class LicenseClockTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Authorize_ClockBehindLastUse_ThrowsClockRollback()
    {
        var license = _world.Issue(_world.Request with { LicenseId = "g" });
        _world.Clock.Advance(TimeSpan.FromDays(2));
        _world.Authorize(license).Dispose();

        _world.Authorize(license, options: At(TimeSpan.FromMinutes(-5))).Dispose();
        var e = Assert.Throws<LicenseException>(() => _world.Authorize(license, options: At(TimeSpan.FromMinutes(-6))));
        Assert.Equal(LicenseError.ClockRollback, e.Error);
        Assert.Contains("Set the clock", e.Message, StringComparison.Ordinal);
        _world.Authorize(license).Dispose();
    }

    [Fact]
    public void Authorize_ClockBehindTheRelease_ThrowsClockRollback()
    {
        var license = _world.Issue(_world.Request);
        var e = Assert.Throws<LicenseException>(() => AuthorizeAt(license, SdkInfo.Released.AddDays(-1)));
        Assert.Equal(LicenseError.ClockRollback, e.Error);
    }

    [Fact]
    public void Authorize_ClockThatRanAhead_IsForgivenByANewerLicenseOnly()
    {
        var old = _world.Issue(_world.Request with { LicenseId = "g", Expires = null });
        AuthorizeAt(old, _world.Clock.GetUtcNow().AddYears(4)).Dispose();
        Assert.Equal(LicenseError.ClockRollback, Assert.Throws<LicenseException>(() => _world.Authorize(old)).Error);

        var renewal = _world.Issue(_world.Request with { LicenseId = "g", Sequence = 1 });
        _world.Authorize(renewal).Dispose();
        _world.Authorize(renewal).Dispose();
    }

    [Fact]
    public void Authorize_ListOfTheFuture_IsNotYetValidAndPoisonsNothing()
    {
        var license = _world.Issue(_world.OfflineRequest);
        var lists = new StatusLists();
        _world.Clock.Advance(TimeSpan.FromMinutes(6));
        var early = _world.Publish();
        lists.Add(early);
        var before = new FakeTimeProvider(_world.Clock.GetUtcNow().AddMinutes(-6));
        Assert.Equal(LicenseError.NotYetValid, Refusal(license, before, lists).Error);

        // Nothing was recorded: without that list the earlier time is as good as before.
        Authorize(license, before, new StatusLists()).Dispose();
    }

    [Fact]
    public void Authorize_LicenseOfTheFuture_IsNotYetValidAndPoisonsNothing()
    {
        var today = _world.Issue(_world.Request);
        var payload = Tokens.Payload(_world.Issue(_world.Request)).Replace($"\"iat\":{_world.Clock.GetUtcNow().ToUnixTimeSeconds()}", $"\"iat\":{_world.Clock.GetUtcNow().AddYears(3).ToUnixTimeSeconds()}", StringComparison.Ordinal);
        Assert.Equal(LicenseError.NotYetValid, Assert.Throws<LicenseException>(() => _world.Authorize(_world.Sign(payload))).Error);
        _world.Authorize(today).Dispose();
    }

    [Fact]
    public void Authorize_ClockBehindASignedList_ThrowsClockRollbackForEveryLicenseOfThatIssuer()
    {
        var other = _world.Issue(_world.Request with { LicenseId = "other" });
        var license = _world.Issue(_world.OfflineRequest);
        var lists = new StatusLists();
        _world.Clock.Advance(TimeSpan.FromHours(20));
        lists.Add(_world.Publish());
        _world.Authorize(license, options: new() { StatusLists = lists }).Dispose();

        Assert.Equal(LicenseError.ClockRollback, Assert.Throws<LicenseException>(() => _world.Authorize(other, options: At(TimeSpan.FromHours(-10)))).Error);
    }

    [Fact]
    public void Authorize_ExpiredByTheLedgersTime_ThrowsExpiredWithinTheLeeway()
    {
        var expires = _world.Clock.GetUtcNow().AddHours(1);
        var license = _world.Issue(_world.Request with { Expires = expires, LicenseId = "g" });
        AuthorizeAt(license, expires.AddSeconds(-1)).Dispose();
        AuthorizeAt(license, expires.AddMinutes(-4)).Dispose();
        Assert.Equal(LicenseError.Expired, Assert.Throws<LicenseException>(() => AuthorizeAt(license, expires)).Error);
    }

    [Fact]
    public void Authorize_TimestampedBundle_IsAFloor()
    {
        var license = _world.Issue(_world.Request);
        var stamped = new BundleSignature("ECDSA P-256, SHA-256", "CN=acme", new string('0', 64), DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue) { Timestamp = _world.Clock.GetUtcNow().AddDays(40) };
        Assert.Equal(LicenseError.ClockRollback, Assert.Throws<LicenseException>(() => _world.Authorize(license, signature: stamped)).Error);
        _world.Clock.Advance(TimeSpan.FromDays(20));
        _world.Authorize(license, signature: stamped with { Timestamp = _world.Clock.GetUtcNow().AddMinutes(4) }).Dispose();
    }

    [Fact]
    public void Begin_ClockSetBackInARunningProcess_GoesOnByElapsedTime()
    {
        var clock = new SettableClock(_world.Clock.GetUtcNow());
        using var entitlement = License.Parse(_world.Issue(_world.Request with { Expires = _world.Clock.GetUtcNow().AddHours(2) })).Verify(_world.Trust)
            .Authorize(new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null), _world.Device, new() { Clock = clock });
        clock.Elapse(TimeSpan.FromHours(1));
        clock.Set(TimeSpan.FromDays(-300));
        using (entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local))
        {
            clock.Elapse(TimeSpan.FromHours(1));
        }

        Assert.Equal(LicenseError.Expired, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Begin_ClockSetForwardInARunningProcess_IsSeenWithinASecond()
    {
        var clock = new SettableClock(_world.Clock.GetUtcNow());
        using var entitlement = License.Parse(_world.Issue(_world.Request)).Verify(_world.Trust)
            .Authorize(new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null), _world.Device, new() { Clock = clock });
        clock.Set(TimeSpan.FromDays(31));
        clock.Elapse(TimeSpan.FromSeconds(1));
        Assert.Equal(LicenseError.Expired, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Ticks_OfTheSystem_AreTheBootClocksAndGrow()
    {
        var before = BootClock.Ticks(TimeProvider.System);
        var after = BootClock.Ticks(TimeProvider.System);
        Assert.InRange(before, 1, after);
        if (OperatingSystem.IsLinux())
        {
            // The first number of /proc/uptime counts suspend, too; it has two digits behind the point.
            var uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(uptime, (after / (double)TimeSpan.TicksPerSecond) - 1, (after / (double)TimeSpan.TicksPerSecond) + 60);
        }
    }

    private AuthorizationOptions At(TimeSpan offset) => new() { Clock = new FakeTimeProvider(_world.Clock.GetUtcNow() + offset) };

    private Entitlement AuthorizeAt(string license, DateTimeOffset now) => Authorize(license, new FakeTimeProvider(now), null);

    private LicenseException Refusal(string license, FakeTimeProvider clock, StatusLists lists) => Assert.Throws<LicenseException>(() => Authorize(license, clock, lists));

    private Entitlement Authorize(string license, TimeProvider clock, StatusLists? lists) =>
        License.Parse(license).Verify(_world.Trust).Authorize(new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null), _world.Device, new() { Clock = clock, StatusLists = lists });

    /// <summary>A clock that a person sets, over time that nobody does.</summary>
    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        private DateTimeOffset _now = now;
        private long _elapsed = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _elapsed;

        public void Elapse(TimeSpan time)
        {
            _now += time;
            _elapsed += time.Ticks;
        }

        public void Set(TimeSpan by) => _now += by;
    }
}
