using System.Security.Cryptography;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>Key files of publishers and issuers.</summary>
public sealed class KeyFileConformanceTests : DeviceKeyConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override IDeviceKey Create() => KeyFile.Create(_folder.File($"{Guid.NewGuid():N}.key"));

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}

/// <summary>Device keys in files.</summary>
public sealed class FileDeviceKeyConformanceTests : DeviceKeyConformance
{
    private readonly TemporaryFolder _folder = new();

    protected override IDeviceKey Create() => FileDeviceKey.Create(_folder.File($"{Guid.NewGuid():N}.key"));

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _folder.Dispose();
    }
}

/// <summary>Device keys that agree with RSA.</summary>
public sealed class RsaDeviceKeyConformanceTests : DeviceKeyConformance
{
    protected override IDeviceKey Create() => new RsaDeviceKey(RSA.Create(2048));
}
