using Coffer.Bundles;

namespace Coffer.Tests.Signing;

public sealed class TrustStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void FromDirectory_FolderOfKeysInit_GivesItsRoots()
    {
        Directory.CreateDirectory(_folder.File("acme"));
        File.WriteAllText(_folder.File("acme", "root.crt"), _publisher.Root.ExportCertificatePem());

        var trust = TrustStore.FromDirectory(_folder.Path);

        Assert.Equal("acme", Assert.Single(trust.Publishers).Key);
        Assert.Equal(_publisher.Root.RawData, Assert.Single(trust.Publishers["acme"].Roots).RawData);
    }

    [Fact]
    public void FromDirectory_MissingOrEmpty_ThrowsNotFound()
    {
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => TrustStore.FromDirectory(_folder.File("none"))).Error);
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => TrustStore.FromDirectory(_folder.Path)).Error);
        Directory.CreateDirectory(_folder.File("acme"));
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => TrustStore.FromDirectory(_folder.Path)).Error);
    }

    [Fact]
    public void FromDirectory_NotACertificate_ThrowsMalformed()
    {
        Directory.CreateDirectory(_folder.File("acme"));
        File.WriteAllText(_folder.File("acme", "root.crt"), "hello");

        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => TrustStore.FromDirectory(_folder.Path)).Error);
    }

    [Fact]
    public void Constructor_PublisherTwiceOrWithoutRoot_Throws()
    {
        var acme = new TrustedPublisher("acme", [_publisher.Root], []);

        Assert.Throws<ArgumentException>(() => new TrustStore(acme, acme));
        Assert.Throws<ArgumentException>(() => new TrustStore(acme with { Roots = [] }));
    }
}
