#pragma warning disable CA1416 // The keychain's code, over .NET's certificate store in files, which Linux has.
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>Device keys in a certificate store. On macOS the store would be a new keychain file, which asks its user for a password.</summary>
public sealed class KeychainDeviceKeyConformanceTests : DeviceKeyConformance
{
    private readonly X509Store _store = new("coffer-tests", StoreLocation.CurrentUser);
    private readonly List<string> _names = [];
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Open_CreatedKeys_AreTheSameWithTheirLedger()
    {
        var options = NewOptions();
        using var created = KeychainDeviceKey.Create(_store, options);
        using var opened = KeychainDeviceKey.Open(_store, options);

        Assert.Equal(Recipient.Of(created), Recipient.Of(opened));
        Assert.NotNull(opened.Ledger);
    }

    [Fact]
    public void Create_NameThatIsThere_ThrowsAndKeepsTheKeys()
    {
        var options = NewOptions();
        using var created = KeychainDeviceKey.Create(_store, options);

        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(() => KeychainDeviceKey.Create(_store, options with { LedgerPath = null })).Error);
        using var opened = KeychainDeviceKey.Open(_store, options);
        Assert.Equal(created.SigningKey, opened.SigningKey);
    }

    [Fact]
    public void Create_LedgerThatIsThere_LeavesNoKeys()
    {
        var options = NewOptions();
        File.WriteAllText(options.LedgerPath!, "other");

        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(() => KeychainDeviceKey.Create(_store, options)).Error);
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => KeychainDeviceKey.Open(_store, options)).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,CN=b")]
    [InlineData("a b")]
    public void Create_NameThatIsNone_Throws(string name) =>
        Assert.Throws<ArgumentException>(() => KeychainDeviceKey.Create(_store, new KeychainKeyOptions { Name = name }));

    protected override IDeviceKey Create() => KeychainDeviceKey.Create(_store, NewOptions());

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _names.ForEach(name => CertificateStoreKeys.Delete(_store, name));
        _store.Dispose();
        _folder.Dispose();
    }

    private KeychainKeyOptions NewOptions()
    {
        if (OperatingSystem.IsMacOS())
        {
            Assert.Skip("A store of the test's own is a new keychain file, which asks its user for a password.");
        }

        var name = $"{Guid.NewGuid():N}";
        _names.Add(name);
        return new KeychainKeyOptions { Name = name, LedgerPath = _folder.File(name + ".ledger") };
    }
}
