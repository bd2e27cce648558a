using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

/// <summary>The device's state under processes that die, disks that are full, and clocks and locks that are tampered with.</summary>
public sealed class DeviceStateTests : IDisposable
{
    private readonly LicensingWorld _world = new();
    private readonly Random _random;

    public DeviceStateTests()
    {
        var seed = Environment.TickCount;
        _random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}.");
    }

    public void Dispose() => _world.Dispose();

    private string LedgerPath => _world.Folder.File("device.ledger");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Begin_InProcessesKilledAtRandom_NeverExceedsTheQuotaAndLosesOneLeaseEach(bool switchesLocksOff)
    {
        const int Quota = 9000;
        const int Kills = 9;
        const int Block = Quota / 100;
        var license = _world.Issue(_world.Request with { Calls = Quota, LicenseId = "g" });
        _world.HandOver(license);
        (string, string)[] environment = switchesLocksOff ? [("DOTNET_SYSTEM_IO_DISABLEFILELOCKING", "1")] : [];

        var allowed = 0;
        for (var round = 0; round < Kills / 3; round++)
        {
            var counts = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => UseUntilKilledAsync(_random.Next(1, 150), environment)));
            allowed += counts.Sum();
        }

        using var last = _world.Authorize(license);
        allowed += Exhaust(last);
        Assert.InRange(allowed, Quota - (Kills * Block), Quota);
        Assert.Equal(Quota, _world.Device.Ledger.Entry(new GrantId(LicensingWorld.Issuer, "g")).Used);
    }

    [Fact]
    public async Task Authorize_DiskFull_ThrowsLedgerUnavailableAndKeepsTheLedger()
    {
        Unix();
        _world.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        _world.HandOver(_world.Issue(_world.Request with { Calls = 10, Expires = null }));
        var before = await File.ReadAllBytesAsync(LedgerPath, TestContext.Current.CancellationToken);

        // No file may grow: what a full disk says, without one. The runtime's own memory files are switched off with it.
        string[] full = ["sh", "-c", "ulimit -f 0; trap '' XFSZ; exec \"$0\" \"$@\""];
        Assert.Equal("LedgerUnavailable", await SayAsync(full, ("DOTNET_EnableWriteXorExecute", "0"), ("DOTNET_EnableDiagnostics", "0")));
        Assert.Equal(before, await File.ReadAllBytesAsync(LedgerPath, TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFiles(_world.Folder.Path, "*.tmp"));
        Assert.Equal("allowed", await SayAsync([]));
    }

    [Fact]
    public async Task Authorize_UnderFaketime_FollowsTheClockAndSeesItGoBack()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/faketime"))
        {
            Repository.Require("faketime is not installed");
        }

        var now = TimeProvider.System.GetUtcNow();
        _world.Clock.SetUtcNow(now);
        _world.HandOver(_world.Issue(_world.Request with { Calls = 10, Expires = now.AddDays(10) }));
        Assert.Equal("allowed", await SayAsync(["faketime", "-f", "+2d"], ("FAKETIME_DONT_FAKE_MONOTONIC", "1")));
        Assert.Equal("ClockRollback", await SayAsync([]));
        Assert.Equal("allowed", await SayAsync(["faketime", "-f", "+3d"], ("FAKETIME_DONT_FAKE_MONOTONIC", "1")));
        Assert.Equal("Expired", await SayAsync(["faketime", "-f", "+11d"], ("FAKETIME_DONT_FAKE_MONOTONIC", "1")));
    }

    [Fact]
    public void Authorize_LedgerOnAReadOnlyPlace_CountsNothingAndAllowsWhatNeedsNoCount()
    {
        var counted = _world.Issue(_world.Request with { Calls = 10 });
        var free = _world.Issue(_world.Request);
        _ = Directory.CreateDirectory(LedgerPath + ".lock");
        Assert.Equal(LicenseError.LedgerUnavailable, Assert.Throws<LicenseException>(() => _world.Authorize(counted)).Error);
        _world.Authorize(free).Dispose();
    }

    [Fact]
    public void Authorize_StateCopiedToAnotherDevice_ThrowsDeviceMismatchOrLedgerMissing()
    {
        var license = _world.Issue(_world.Request with { Calls = 10 });
        using var other = FileDeviceKey.Create(_world.Folder.File("other.key"));
        Assert.Equal(LicenseError.DeviceMismatch, Assert.Throws<LicenseException>(() => _world.Authorize(license, device: other)).Error);

        // The other device's key with this one's ledger, and a license for it.
        var forOther = _world.Issue(_world.Request with { Calls = 10, Recipient = other.Recipient });
        File.Copy(LedgerPath, _world.Folder.File("other.ledger"), overwrite: true);
        Assert.Equal(LicenseError.LedgerTampered, Assert.Throws<LicenseException>(() => _world.Authorize(forOther, device: other)).Error);
    }

    [Fact]
    public void Authorize_TemporaryFileOfACrash_IsNoObstacle()
    {
        File.WriteAllText(LedgerPath + ".0123456789abcdef.tmp", "half a ledger");
        using var entitlement = _world.Authorize(_world.Request with { Calls = 10 });
        Assert.Equal(10, Exhaust(entitlement));
    }

    [Fact]
    public void Update_FailingInTheMiddle_WritesNothing()
    {
        var before = File.ReadAllBytes(LedgerPath);
        Assert.Throws<InvalidOperationException>(() => _world.Device.Ledger.Update<int>(ledger =>
        {
            ledger[new GrantId("a", "b")] = new LedgerEntry(1, 1);
            throw new InvalidOperationException();
        }));
        Assert.Equal(before, File.ReadAllBytes(LedgerPath));
    }

    private static void Unix()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There is no ulimit on Windows.");
        }
    }

    // The dots that it wrote are in the pipe when it is dead: each stands for a call that it was allowed before it died.
    private async Task<int> UseUntilKilledAsync(int calls, (string, string)[] environment)
    {
        using var worker = LedgerWorker.Start(_world.Folder.Path, LedgerWorker.Trickle, null, environment);
        var (count, buffer) = (0, new byte[1]);
        while (await worker.StandardOutput.BaseStream.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
        {
            if (++count == calls)
            {
                worker.Kill();
            }
        }

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        // One that was faster than its killer used the quota up, and ended well.
        Assert.True(count >= calls || worker.ExitCode == 0, await worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        return count;
    }

    private async Task<string> SayAsync(string[] before, params (string, string)[] environment)
    {
        using var worker = LedgerWorker.Start(_world.Folder.Path, LedgerWorker.Authorize, before, environment);
        var said = await worker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await worker.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said.Length > 0 ? said : error;
    }

    private static int Exhaust(Entitlement entitlement)
    {
        var allowed = 0;
        try
        {
            while (true)
            {
                entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();
                allowed++;
            }
        }
        catch (LicenseException e) when (e.Error is LicenseError.QuotaExceeded)
        {
            return allowed;
        }
    }
}
