using System.Security.Cryptography;
using Coffer.Bundles;
using Coffer.Testing;

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

/// <summary>The fake that applications test with.</summary>
public sealed class FakeDeviceKeyConformanceTests : DeviceKeyConformance
{
    protected override IDeviceKey Create() => new FakeDeviceKey();

    [Fact]
    public void Sign_FailureSet_ThrowsIt()
    {
        var failure = new KeyException(KeyError.NotFound, "unplugged");
        using var key = new FakeDeviceKey { Failure = failure };

        Assert.Same(failure, Assert.Throws<KeyException>(() => key.Sign([], new byte[64])));
        Assert.Equal(0, key.Uses);
    }
}
