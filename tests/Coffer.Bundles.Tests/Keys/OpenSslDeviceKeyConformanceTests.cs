#pragma warning disable CA1416 // The tests skip where there is no software TPM.
using Coffer.Bundles;
using Coffer.Tests.Licensing;

namespace Coffer.Tests.Keys;

/// <summary>Device keys in a TPM: swtpm's, behind OpenSSL's provider tpm2.</summary>
public sealed class OpenSslDeviceKeyConformanceTests : DeviceKeyConformance
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Open_KeysOfATpm_NeedsNoOtherAndKeepsItsLedger()
    {
        var options = SoftTpm.NewOptions();
        using var first = OpenSslDeviceKey.Open(options);
        using var ledger = UsageLedger.Create(_folder.File("device.ledger"), first);
        var recipient = Recipient.Of(first) with { LedgerId = ledger.Id };
        using var second = OpenSslDeviceKey.Open(options with { LedgerPath = _folder.File("device.ledger") });

        Assert.Equal(recipient, Recipient.Of(second));
    }

    [Fact]
    public void Authorize_LicenseForATpm_CountsAndUnwrapsThereAlone()
    {
        using var world = new LicensingWorld();
        var options = SoftTpm.NewOptions() with { LedgerPath = _folder.File("tpm.ledger") };
        using (var key = OpenSslDeviceKey.Open(options with { LedgerPath = null }))
        {
            UsageLedger.Create(options.LedgerPath, key).Dispose();
        }

        using var device = OpenSslDeviceKey.Open(options);
        var license = world.Issue(LicenseRequest.For(world.Manifest, Recipient.Of(device), "customer-7") with { Calls = 2 });

        using (var entitlement = world.Authorize(license, device: device))
        using (var keys = entitlement.UnwrapKeys(device))
        using (var expected = world.Store.Open("digits.weights.1"))
        {
            Assert.Equal(expected.Bytes, keys[PartGroup.Weights].Bytes);
            Assert.Equal(2, entitlement.Begin(LicensingWorld.Task, ExecutionTarget.Local, 2).Units);
        }

        Assert.Equal(LicenseError.DeviceMismatch, Assert.Throws<LicenseException>(() => world.Authorize(license)).Error);
        using var again = world.Authorize(license, device: device);
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => again.Begin(LicensingWorld.Task, ExecutionTarget.Local)).Error);
    }

    [Fact]
    public void Open_LedgerOfAnotherKey_IsRefused()
    {
        using var other = FileDeviceKey.Create(_folder.File("device.key"));

        var e = Assert.Throws<LicenseException>(() => OpenSslDeviceKey.Open(SoftTpm.NewOptions() with { LedgerPath = _folder.File("device.ledger") }));
        Assert.Equal(LicenseError.LedgerTampered, e.Error);
    }

    [Fact]
    public void Open_HandleWithoutAKey_ThrowsNotFound()
    {
        var options = SoftTpm.NewOptions() with { AgreementKeyUri = "handle:0x8101FFFF" };

        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => OpenSslDeviceKey.Open(options)).Error);
    }

    [Fact]
    public void Open_OneKeyForBoth_ThrowsUnsupportedKey()
    {
        var options = SoftTpm.NewOptions();

        Assert.Equal(KeyError.UnsupportedKey, Assert.Throws<KeyException>(() => OpenSslDeviceKey.Open(options with { AgreementKeyUri = options.SigningKeyUri })).Error);
    }

    protected override IDeviceKey Create() => OpenSslDeviceKey.Open(SoftTpm.NewOptions());

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
