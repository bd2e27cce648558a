#pragma warning disable CA1416 // What these types do on other systems is what is tested.
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>Keys in the stores of other systems than this one: used there, refused here.</summary>
public sealed class PlatformDeviceKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cng_OnWindowsAlone_MakesAndOpensKeys()
    {
        var options = new CngKeyOptions { Name = $"coffer-test-{Guid.NewGuid():N}", LedgerPath = _folder.File("device.ledger") };
        if (OperatingSystem.IsWindows())
        {
            UseEverything(() => CngDeviceKey.Create(options), () => CngDeviceKey.Open(options));
            return;
        }

        Assert.Throws<PlatformNotSupportedException>(() => CngDeviceKey.Create(options));
        Assert.Throws<PlatformNotSupportedException>(() => CngDeviceKey.Open(options));
    }

    [Fact]
    public void Keychain_OnMacAlone_MakesAndOpensKeys()
    {
        var options = new KeychainKeyOptions { Name = $"coffer-test-{Guid.NewGuid():N}", LedgerPath = _folder.File("device.ledger") };
        if (OperatingSystem.IsMacOS())
        {
            UseEverything(() => KeychainDeviceKey.Create(options), () => KeychainDeviceKey.Open(options));
            return;
        }

        Assert.Throws<PlatformNotSupportedException>(() => KeychainDeviceKey.Create(options));
        Assert.Throws<PlatformNotSupportedException>(() => KeychainDeviceKey.Open(options));
    }

    [Fact]
    public void OpenSsl_NoSuchProviderOrNoLinux_IsRefused()
    {
        var options = new OpenSslKeyOptions { Provider = "none", SigningKeyUri = "handle:1", AgreementKeyUri = "handle:2" };
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => OpenSslDeviceKey.Open(options)).Error);
            return;
        }

        Assert.Throws<PlatformNotSupportedException>(() => OpenSslDeviceKey.Open(options));
    }

    private static void UseEverything(Func<PlatformDeviceKey> create, Func<PlatformDeviceKey> open)
    {
        using var created = create();
        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(create).Error);
        using var opened = open();

        Assert.Equal(Recipient.Of(created), Recipient.Of(opened));
        byte[] signature = new byte[64], first = new byte[32], second = new byte[32];
        opened.Sign("data"u8, signature);
        Assert.True(Es256.Verify(created.SigningKey, "data"u8, signature));
        created.DeriveLocalSecret("x", first);
        opened.DeriveLocalSecret("x", second);
        Assert.Equal(first, second);
        using var content = ContentKey.Generate("model.weights.1");
        using var unwrapped = WrappedContentKey.Unwrap(WrappedContentKey.Wrap(content, opened.AgreementKey), content.Id, opened);
        Assert.Equal(content.Bytes, unwrapped.Bytes);
    }
}
