using System.Globalization;
using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class UsageLedgerTests : IDisposable
{
    private readonly LicensingWorld _world = new();

    public void Dispose() => _world.Dispose();

    private string LedgerPath => _world.Folder.File("device.ledger");

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(250)]
    public void Begin_UpToTheQuota_ThenThrows(int quota)
    {
        using var entitlement = _world.Authorize(_world.Request with { Calls = quota });
        for (var i = 0; i < quota; i++)
        {
            _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
        }

        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Begin_MoreUnitsThanRemain_TakesNone()
    {
        using var entitlement = _world.Authorize(_world.Request with { Calls = 10 });
        _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 8);
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 3)).Error);
        _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 2);
    }

    [Fact]
    public void Begin_FirstCall_IsDurableBefore()
    {
        var license = _world.Issue(_world.Request with { Calls = 1000, LicenseId = "g" });
        using var entitlement = _world.Authorize(license);
        Assert.Equal(0, Used("g"));
        _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
        Assert.Equal(10, Used("g"));
    }

    [Fact]
    public void Dispose_WithUnusedCalls_ReturnsThem()
    {
        var license = _world.Issue(_world.Request with { Calls = 1000, LicenseId = "g" });
        using (var entitlement = _world.Authorize(license))
        {
            _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 3);
        }

        Assert.Equal(3, Used("g"));
    }

    [Fact]
    public void Begin_AfterDeviceIsDisposed_KeepsCounting()
    {
        var license = _world.Issue(_world.Request with { Calls = 5, LicenseId = "g" });
        Entitlement entitlement;
        using (var device = FileDeviceKey.Load(_world.Folder.File("device.key")))
        {
            entitlement = _world.Authorize(license, device: device);
        }

        _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 5);
        entitlement.Dispose();
        Assert.Equal(5, Used("g"));
    }

    [Fact]
    public void Authorize_Renewal_KeepsUsageAndRefusesTheOld()
    {
        var old = _world.Issue(_world.Request with { Calls = 10, LicenseId = "g", Sequence = 1 });
        using (var entitlement = _world.Authorize(old))
        {
            _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 9);
        }

        using (var renewed = _world.Authorize(_world.Request with { Calls = 12, LicenseId = "g", Sequence = 2 }))
        {
            _ = renewed.Begin(LicensingWorld.Task, ExecutionTarget.Local, 3);
            Assert.Throws<LicenseException>(() => renewed.Begin(LicensingWorld.Task, ExecutionTarget.Local));
        }

        Assert.Equal(LicenseError.Superseded, Assert.Throws<LicenseException>(() => _world.Authorize(old)).Error);
    }

    [Fact]
    public void Begin_RenewedMeanwhile_OldEntitlementLeasesNoMore()
    {
        using var old = _world.Authorize(_world.Request with { Calls = 10, LicenseId = "g", Sequence = 1 });
        _world.Authorize(_world.Request with { Calls = 5, LicenseId = "g", Sequence = 2 }).Dispose();
        Assert.Equal(LicenseError.Superseded, Assert.Throws<LicenseException>(() => old.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Authorize_LedgerGone_ThrowsLedgerMissing()
    {
        var license = _world.Issue(_world.Request with { Calls = 10 });
        File.Delete(LedgerPath);
        Assert.Equal(LicenseError.LedgerMissing, Assert.Throws<LicenseException>(() => _world.Authorize(license)).Error);
    }

    [Fact]
    public void Authorize_LedgerGoneWithoutQuota_IsAllowed()
    {
        var license = _world.Issue(_world.Request);
        File.Delete(LedgerPath);
        _world.Authorize(license).Dispose();
        Assert.False(File.Exists(LedgerPath));
    }

    [Fact]
    public void Authorize_OlderTokenWithoutQuota_ThrowsSuperseded()
    {
        var old = _world.Issue(_world.Request with { LicenseId = "g", Sequence = 1 });
        _world.Authorize(old).Dispose();
        _world.Authorize(_world.Request with { LicenseId = "g", Sequence = 2 }).Dispose();
        Assert.Equal(LicenseError.Superseded, Assert.Throws<LicenseException>(() => _world.Authorize(old)).Error);
    }

    [Fact]
    public void Authorize_LedgerOfAnotherDevice_ThrowsLedgerMissingOrTampered()
    {
        var license = _world.Issue(_world.Request with { Calls = 10 });
        using var other = FileDeviceKey.Create(_world.Folder.File("other.key"));
        Assert.Equal(LicenseError.LedgerMissing, Assert.Throws<LicenseException>(() => _world.Authorize(license, options: new() { Ledger = other.Ledger })).Error);

        File.Copy(_world.Folder.File("other.ledger"), LedgerPath, overwrite: true);
        Assert.Equal(LicenseError.LedgerTampered, Assert.Throws<LicenseException>(() => _world.Authorize(license)).Error);
    }

    [Fact]
    public void Authorize_FreshLedgerOfTheSameKeyInItsPlace_ThrowsLedgerTampered()
    {
        var license = _world.Issue(_world.Request with { Calls = 10 });
        UsageLedger.Create(_world.Folder.File("fresh.ledger"), _world.Device).Dispose();
        File.Copy(_world.Folder.File("fresh.ledger"), LedgerPath, overwrite: true);
        Assert.Equal(LicenseError.LedgerTampered, Assert.Throws<LicenseException>(() => _world.Authorize(license)).Error);
    }

    [Fact]
    public void Read_EverySingleBitFlipAndTruncationOfTheFile_IsRefused()
    {
        var license = _world.Issue(_world.Request with { Calls = 10 });
        using (var entitlement = _world.Authorize(license))
        {
            _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 10);
        }

        var content = File.ReadAllBytes(LedgerPath);
        var accepted = new List<string>();
        for (var bit = 0; bit < content.Length * 8; bit++)
        {
            var changed = content.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Note(changed, $"bit {bit}");
        }

        for (var length = 0; length < content.Length; length++)
        {
            Note(content[..length], $"length {length}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{content.Length * 8} flips of a ledger of {content.Length} bytes.");
        Assert.Empty(accepted);
        File.WriteAllBytes(LedgerPath, content);
        using var again = _world.Authorize(license);
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => again.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);

        void Note(byte[] changed, string what)
        {
            File.WriteAllBytes(LedgerPath, changed);
            if (Record.Exception(() => _world.Device.Ledger.Update(_ => 0)) is not LicenseException { Error: LicenseError.LedgerTampered })
            {
                accepted.Add(what);
            }
        }
    }

    [Fact]
    public void Parse_AnotherSpellingUnderTheSameKey_IsRefused()
    {
        var key = new byte[32];
        var content = new LedgerContent("id");
        content[new GrantId("i", "l")] = new LedgerEntry(1, 2);
        var text = System.Text.Encoding.UTF8.GetString(content.ToBytes(key));
        var json = text[..text.IndexOf('\n', StringComparison.Ordinal)];
        _ = LedgerContent.Parse(Signed(json), key);
        foreach (var other in new[] { json.Replace("\"gen\":1", "\"gen\": 1", StringComparison.Ordinal), json.Replace("\"used\":2", "\"used\":2,\"x\":1", StringComparison.Ordinal), json.Replace("\"v\":1", "\"v\":1.0", StringComparison.Ordinal), json + " " })
        {
            Assert.NotEqual(json, other);
            Assert.Throws<FormatException>(() => LedgerContent.Parse(Signed(other), key));
        }

        byte[] Signed(string line) => System.Text.Encoding.UTF8.GetBytes($"{line}\n{Base64UrlStrict.Encode(System.Security.Cryptography.HMACSHA256.HashData(key, System.Text.Encoding.UTF8.GetBytes(line)))}");
    }

    [Fact]
    public void Authorize_LedgerLargerThanLimit_ThrowsLedgerTampered()
    {
        var license = _world.Issue(_world.Request with { Calls = 10 });
        File.WriteAllBytes(LedgerPath, new byte[(1 << 20) + 1]);
        Assert.Equal(LicenseError.LedgerTampered, Assert.Throws<LicenseException>(() => _world.Authorize(license)).Error);
    }

    [Fact]
    public void Authorize_MoreGrantsThanALedgerHolds_ThrowsLedgerFull()
    {
        var content = new LedgerContent("id");
        for (var i = 0; i < 1024; i++)
        {
            content[new GrantId(new string('i', 256), new string('l', 250) + i)] = new LedgerEntry(long.MaxValue, long.MaxValue) { Total = long.MaxValue, Window = long.MaxValue, Seen = long.MaxValue };
        }

        Assert.True(content.ToBytes(new byte[32]).Length <= LedgerContent.MaxLength);
        Assert.Equal(LicenseError.LedgerFull, Assert.Throws<LicenseException>(() => content[new GrantId("i", "one more")] = default).Error);
        content[new GrantId(new string('i', 256), new string('l', 250) + "0")] = default;
    }

    [Fact]
    public void Authorize_FolderNotWritable_ThrowsLedgerUnavailable()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            // Root writes everywhere: a folder in the place of the lock file stands for what can't be locked.
            Directory.CreateDirectory(LedgerPath + ".lock");
        }
        else
        {
            File.SetUnixFileMode(_world.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        try
        {
            var e = Assert.Throws<LicenseException>(() => _world.Authorize(_world.Request with { Calls = 10 }));
            Assert.Equal(LicenseError.LedgerUnavailable, e.Error);
            Assert.NotNull(e.InnerException);
        }
        finally
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_world.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    [Fact]
    public void Open_OfDeviceKey_FindsItsId()
    {
        using var ledger = UsageLedger.Open(LedgerPath, _world.Device);
        Assert.Equal(_world.Device.Ledger.Id, ledger.Id);
        Assert.Equal(LicenseError.LedgerTampered, Assert.Throws<LicenseException>(() => UsageLedger.Open(LedgerPath, _world.Publisher)).Error);
    }

    [Fact]
    public async Task Begin_FromManyThreadsAndEntitlements_NeverExceedsTheQuota()
    {
        const int Quota = 700;
        var license = _world.Issue(_world.Request with { Calls = Quota });
        var allowed = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                using var entitlement = _world.Authorize(license);
                Parallel.For(0, 2, _ => Interlocked.Add(ref allowed, Exhaust(entitlement)));
            },
            TestContext.Current.CancellationToken)));

        // Another entitlement may hold calls when one finds none left; what was returned is there for the next.
        using var last = _world.Authorize(license);
        allowed += Exhaust(last);
        Assert.Equal(Quota, allowed);
    }

    [Fact]
    public async Task Begin_InManyProcesses_NeverExceedsTheQuota()
    {
        const int Quota = 1200;
        File.WriteAllText(_world.Folder.File("a.license"), _world.Issue(_world.Request with { Calls = Quota, LicenseId = "g" }));
        var workers = Enumerable.Range(0, 3).Select(_ => LedgerWorker.Start(_world.Folder.Path, LedgerWorker.Exhaust)).ToList();
        var allowed = 0;
        foreach (var worker in workers)
        {
            var output = await worker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(worker.ExitCode == 0, output);
            worker.Dispose();
        }

        var results = Directory.GetFiles(_world.Folder.Path, "allowed-*");
        Assert.Equal(workers.Count, results.Length);
        foreach (var file in results)
        {
            allowed += int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        }

        using var last = _world.Authorize(File.ReadAllText(_world.Folder.File("a.license")));
        allowed += Exhaust(last);
        Assert.Equal(Quota, allowed);
        Assert.Equal(Quota, Used("g"));
    }

    private static int Exhaust(Entitlement entitlement)
    {
        var allowed = 0;
        try
        {
            while (true)
            {
                _ = entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local);
                allowed++;
            }
        }
        catch (LicenseException e) when (e.Error is LicenseError.QuotaExceeded)
        {
            return allowed;
        }
    }

    private long Used(string licenseId) => _world.Device.Ledger.Entry(new GrantId(LicensingWorld.Issuer, licenseId)).Used;
}
