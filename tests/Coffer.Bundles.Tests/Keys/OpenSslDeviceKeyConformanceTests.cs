#pragma warning disable CA1416 // The tests skip where there is no software TPM.
using Coffer.Bundles;

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
