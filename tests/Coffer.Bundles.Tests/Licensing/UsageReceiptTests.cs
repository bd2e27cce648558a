using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class UsageReceiptTests : IDisposable
{
    private readonly LicensingWorld _world = new();
    private readonly VerifiedLicense _license;

    public UsageReceiptTests() => _license = License.Parse(_world.Issue(_world.Request with { Calls = 50, LicenseId = "g" })).Verify(_world.Trust);

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Issue_PeriodAfterPeriod_ChainsAndAddsUp()
    {
        var start = _world.Clock.GetUtcNow();
        var receipts = new List<UsageReceipt> { UseAndReceipt(3), UseAndReceipt(0), UseAndReceipt(5) };
        Assert.Equal([3, 0, 5], receipts.Select(receipt => receipt.Calls));
        Assert.Equal([1, 2, 3], receipts.Select(receipt => receipt.RecordNumber));
        Assert.Equal((8L, "g", LicensingWorld.Issuer, _world.Device.SigningKey.Thumbprint), (receipts[2].Total, receipts[2].LicenseId, receipts[2].Issuer, receipts[2].Device));
        Assert.Equal((null, start.AddHours(1), start.AddHours(2)), (receipts[0].From, receipts[0].To, receipts[1].To));
        Assert.Equal(receipts[0].To, receipts[1].From);
        Assert.Equal(receipts[1].Digest, receipts[2].Previous);

        var audit = ReceiptAudit.Of(receipts.AsEnumerable().Reverse().Append(receipts[0]));
        Assert.Empty(audit.Findings);
        Assert.Equal((8L, 3), (audit.Total, audit.Receipts.Count));
    }

    [Fact]
    public void Of_ReceiptMissing_NamesIt()
    {
        var receipts = new[] { UseAndReceipt(1), UseAndReceipt(1), UseAndReceipt(1), UseAndReceipt(1) };
        Assert.Equal("Receipt 2 is missing.", Assert.Single(ReceiptAudit.Of([receipts[0], receipts[2], receipts[3]]).Findings));
        Assert.Equal("Receipts 1 to 2 are missing.", Assert.Single(ReceiptAudit.Of([receipts[2], receipts[3]]).Findings));
        Assert.Equal(4, ReceiptAudit.Of([receipts[3]]).Total);
    }

    [Fact]
    public void Of_DeviceSetBackByAColdRestore_ShowsTheFork()
    {
        // The restore itself can't be seen on the device: it is accepted, and shows at the vendor.
        var path = _world.Folder.File("device.ledger");
        var first = UseAndReceipt(1);
        var copy = File.ReadAllBytes(path);
        var second = UseAndReceipt(7);
        UsageReceipt forked;
        using (var restored = RestoreElsewhere(copy))
        {
            forked = UsageReceipt.Issue(_license, restored, clock: _world.Clock);
        }

        Assert.Equal((2L, 2L), (second.RecordNumber, forked.RecordNumber));
        Assert.Contains("set back", Assert.Single(ReceiptAudit.Of([first, second, forked]).Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void Issue_WhileCallsAreInReserve_NeverTakesACallBack()
    {
        using var entitlement = License.Parse(_world.Issue(_world.Request with { Calls = 5000, LicenseId = "big" })).Verify(_world.Trust)
            .Authorize(new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null), _world.Device, new() { Clock = _world.Clock });
        entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();
        var license = License.Parse(_world.Issue(_world.Request with { Calls = 5000, LicenseId = "big" })).Verify(_world.Trust);
        var during = UsageReceipt.Issue(license, _world.Device, clock: _world.Clock);
        Assert.Equal(50, during.Calls);

        entitlement.Dispose();
        var after = UsageReceipt.Issue(license, _world.Device, clock: _world.Clock);
        Assert.Equal((0L, 50L), (after.Calls, after.Total));
        Assert.Empty(ReceiptAudit.Of([during, after]).Findings);
    }

    [Fact]
    public void Issue_LicenseWithoutAQuota_ThrowsNothingCounted()
    {
        var license = License.Parse(_world.Issue(_world.Request)).Verify(_world.Trust);
        Assert.Equal(LicenseError.NothingCounted, Assert.Throws<LicenseException>(() => UsageReceipt.Issue(license, _world.Device)).Error);
    }

    [Fact]
    public void Issue_LicenseOfAnotherDevice_ThrowsDeviceMismatch()
    {
        using var other = FileDeviceKey.Create(_world.Folder.File("other.key"));
        Assert.Equal(LicenseError.DeviceMismatch, Assert.Throws<LicenseException>(() => UsageReceipt.Issue(_license, other)).Error);
    }

    [Fact]
    public void Verify_EverySingleBitFlip_IsRefused()
    {
        var text = System.Text.Encoding.ASCII.GetBytes(UseAndReceipt(2).Token);
        var accepted = new List<int>();
        for (var bit = 0; bit < text.Length * 8; bit++)
        {
            text[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Record.Exception(() => UsageReceipt.Verify(System.Text.Encoding.Latin1.GetString(text), _world.Device.SigningKey)) is not LicenseException)
            {
                accepted.Add(bit);
            }

            text[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Empty(accepted);
        Assert.Equal(LicenseError.SignatureInvalid, Assert.Throws<LicenseException>(() => UsageReceipt.Verify(UseAndReceipt(0).Token, _world.Publisher.SigningKey)).Error);
    }

    [Fact]
    public void Of_ReceiptsOfSeveralLicenses_Throws()
    {
        var other = License.Parse(_world.Issue(_world.Request with { Calls = 50, LicenseId = "h" })).Verify(_world.Trust);
        Assert.Throws<ArgumentException>(() => ReceiptAudit.Of([UseAndReceipt(1), UsageReceipt.Issue(other, _world.Device, clock: _world.Clock)]));
        Assert.Empty(ReceiptAudit.Of([]).Findings);
    }

    private UsageReceipt UseAndReceipt(int calls)
    {
        _world.Clock.Advance(TimeSpan.FromHours(1));
        using (var entitlement = _license.Authorize(new OpenedBundle(_world.Manifest, LicensingWorld.Digest, null), _world.Device, new() { Clock = _world.Clock }))
        {
            for (var i = 0; i < calls; i++)
            {
                entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local).Dispose();
            }
        }

        return UsageReceipt.Issue(_license, _world.Device, clock: _world.Clock);
    }

    /// <summary>The device key and an old ledger, as a process that starts fresh finds them: under the generation check of this one they would be refused.</summary>
    private FileDeviceKey RestoreElsewhere(byte[] ledger)
    {
        _world.Device.Ledger.ForgetGeneration();
        File.WriteAllBytes(_world.Folder.File("device.ledger"), ledger);
        return FileDeviceKey.Load(_world.Folder.File("device.key"));
    }
}
