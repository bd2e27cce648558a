using Coffer.Bundles;
using Coffer.Keys.Pkcs11;
using Coffer.Tests.Keys;

namespace Coffer.Tests;

/// <summary>Keys in SoftHSM, made there.</summary>
public sealed class GeneratedPkcs11KeyConformanceTests : DeviceKeyConformance
{
    protected override IDeviceKey Create() => Pkcs11DeviceKey.Generate(SoftHsm.NewOptions());
}

/// <summary>Keys in SoftHSM, found there, with a ledger beside them.</summary>
public sealed class OpenedPkcs11KeyConformanceTests : DeviceKeyConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override IDeviceKey Create()
    {
        var options = SoftHsm.NewOptions() with { LedgerPath = _folder.File($"{Guid.NewGuid():N}.ledger") };
        Pkcs11DeviceKey.Generate(options).Dispose();
        return Pkcs11DeviceKey.Open(options);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}
