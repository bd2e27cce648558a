using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class QuotaTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Begin_InEachWindow_AllowsTheQuotaAgain()
    {
        using var entitlement = _world.Authorize(_world.Request with { Calls = 3, Window = TimeSpan.FromHours(1) });
        for (var hour = 0; hour < 3; hour++)
        {
            Use(entitlement, 3);
            AssertRefused(LicenseError.QuotaExceeded, entitlement);
            _world.Clock.Advance(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public void Begin_UnusedCallsOfAWindow_AreNotKept()
    {
        using var entitlement = _world.Authorize(_world.Request with { Calls = 300, Window = TimeSpan.FromHours(1), LicenseId = "g" });
        Use(entitlement, 1);
        _world.Clock.Advance(TimeSpan.FromHours(1));
        Use(entitlement, 300);
        AssertRefused(LicenseError.QuotaExceeded, entitlement);

        entitlement.Dispose();
        var entry = _world.Device.Ledger.Entry(new GrantId(LicensingWorld.Issuer, "g"));
        Assert.Equal((300, 301), (entry.Used, entry.Total));
    }

    [Theory]
    [InlineData(3600, 86400)]
    [InlineData(86400, 3600)]
    [InlineData(60, null)]
    [InlineData(null, 60)]
    public void Begin_RenewalWithOtherWindows_CountsOnInTheNewOnes(int? before, int? after)
    {
        _world.Clock.SetUtcNow(new DateTimeOffset(2026, 5, 2, 0, 0, 0, TimeSpan.Zero));
        using (var old = _world.Authorize(_world.Request with { Calls = 3, Window = Span(before), LicenseId = "g" }))
        {
            Use(old, 3);
            AssertRefused(LicenseError.QuotaExceeded, old);
        }

        _world.Clock.Advance(TimeSpan.FromDays(1));
        using var renewed = _world.Authorize(_world.Request with { Calls = 5, Window = Span(after), LicenseId = "g", Sequence = 1 });
        Use(renewed, after is null ? 2 : 5);
        AssertRefused(LicenseError.QuotaExceeded, renewed);

        static TimeSpan? Span(int? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
    }

    [Fact]
    public void Begin_WindowByAClockSetBackWithinItsLeeway_StaysInTheNewest()
    {
        var now = _world.Clock.GetUtcNow();
        var license = _world.Issue(_world.Request with { Calls = 1, Window = TimeSpan.FromMinutes(1) });
        _world.Clock.Advance(TimeSpan.FromMinutes(2));
        Use(_world.Authorize(license), 1);
        using var earlier = _world.Authorize(license, options: new() { Clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(now) });
        AssertRefused(LicenseError.QuotaExceeded, earlier);
    }

    [Fact]
    public void Begin_MoreAtOnceThanAllowed_ThrowsConcurrencyExceededUntilOneEnds()
    {
        using var entitlement = _world.Authorize(_world.Request with { Concurrent = 2 });
        var first = Begin(entitlement);
        using var second = Begin(entitlement);
        AssertRefused(LicenseError.ConcurrencyExceeded, entitlement);
        first.Dispose();
        Begin(entitlement).Dispose();
        Begin(entitlement).Dispose();
    }

    [Fact]
    public void Begin_AtOnceInTwoEntitlements_ShareTheLimitOfTheDevice()
    {
        var license = _world.Issue(_world.Request with { Concurrent = 1 });
        using var one = _world.Authorize(license);
        using var two = _world.Authorize(license);
        using (Begin(one))
        {
            AssertRefused(LicenseError.ConcurrencyExceeded, two);
        }

        Begin(two).Dispose();
    }

    [Fact]
    public void Begin_RefusedByTheQuota_GivesItsSeatBack()
    {
        using var entitlement = _world.Authorize(_world.Request with { Concurrent = 1, Calls = 1 });
        Begin(entitlement).Dispose();
        AssertRefused(LicenseError.QuotaExceeded, entitlement);
        AssertRefused(LicenseError.QuotaExceeded, entitlement);
    }

    [Fact]
    public async Task Begin_AtOnceInAProcessThatDies_HoldsItsSeatUntilThen()
    {
        _world.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        var license = _world.Issue(_world.Request with { Concurrent = 1, Expires = null });
        _world.HandOver(license);
        using var worker = LedgerWorker.Start(_world.Folder.Path, LedgerWorker.Hold);
        var said = new byte[1];
        var length = await worker.StandardOutput.BaseStream.ReadAsync(said, TestContext.Current.CancellationToken);
        Assert.True(length == 1, await ErrorOf(worker, length));

        using var entitlement = _world.Authorize(license);
        AssertRefused(LicenseError.ConcurrencyExceeded, entitlement);
        worker.Kill();
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        Begin(entitlement).Dispose();

        static async Task<string> ErrorOf(System.Diagnostics.Process process, int length) => length == 1 ? "" : await process.StandardError.ReadToEndAsync();
    }

    [Fact]
    public void Dispose_WhileACallRuns_KeepsItsSeatUntilItEnds()
    {
        var license = _world.Issue(_world.Request with { Concurrent = 1 });
        var replaced = _world.Authorize(license);
        using var next = _world.Authorize(license);
        var running = Begin(replaced);
        replaced.Dispose();
        AssertRefused(LicenseError.ConcurrencyExceeded, next);
        running.Dispose();
        Begin(next).Dispose();
    }

    [Fact]
    public void Dispose_OfACallTwice_FreesNobodyElsesSeat()
    {
        using var entitlement = _world.Authorize(_world.Request with { Concurrent = 1 });
        var first = Begin(entitlement);
        first.Dispose();
        using var second = Begin(entitlement);
        first.Dispose();
        AssertRefused(LicenseError.ConcurrencyExceeded, entitlement);
    }

    [Fact]
    public async Task Begin_AtOnceFromManyThreads_NeverExceedsTheLimit()
    {
        const int Limit = 3;
        using var entitlement = _world.Authorize(_world.Request with { Concurrent = Limit });
        var (running, most, allowed) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                try
                {
                    using var call = Begin(entitlement);
                    var now = Interlocked.Increment(ref running);
                    InterlockedMax(ref most, now);
                    _ = Interlocked.Increment(ref allowed);
                    Thread.SpinWait(50);
                    _ = Interlocked.Decrement(ref running);
                }
                catch (LicenseException e) when (e.Error is LicenseError.ConcurrencyExceeded)
                {
                    Thread.SpinWait(50);
                }
            }
        })));

        Assert.InRange(most, 1, Limit);
        Assert.True(allowed > 0);
    }

    [Fact]
    public void Authorize_ConcurrencyWithoutItsLedger_ThrowsLedgerMissing()
    {
        var license = _world.Issue(_world.Request with { Concurrent = 1 });
        File.Delete(_world.Folder.File("device.ledger"));
        Assert.Equal(LicenseError.LedgerMissing, Assert.Throws<LicenseException>(() => _world.Authorize(license)).Error);
    }

    [Fact]
    public void Begin_LedgerRestoredWhileTheProcessLives_ThrowsLedgerTampered()
    {
        var path = _world.Folder.File("device.ledger");
        using var entitlement = _world.Authorize(_world.Request with { Calls = 2 });
        var before = File.ReadAllBytes(path);
        Use(entitlement, 1);
        File.WriteAllBytes(path, before);
        AssertRefused(LicenseError.LedgerTampered, entitlement);
    }

    [Fact]
    public void Begin_LedgerDeletedWhileTheProcessLives_ThrowsLedgerMissing()
    {
        using var entitlement = _world.Authorize(_world.Request with { Calls = 2 });
        Use(entitlement, 1);
        File.Delete(_world.Folder.File("device.ledger"));
        AssertRefused(LicenseError.LedgerMissing, entitlement);
    }

    private static EntitledCall Begin(Entitlement entitlement, int units = 1) => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, units);

    private static void Use(Entitlement entitlement, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            Begin(entitlement).Dispose();
        }
    }

    private static void AssertRefused(LicenseError error, Entitlement entitlement) =>
        Assert.Equal(error, Assert.Throws<LicenseException>(() => Begin(entitlement)).Error);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref target, value, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }
}
