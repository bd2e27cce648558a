using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Keys;

/// <summary>Whose grants an issuer's folder believes.</summary>
public sealed class KeyFolderTests : IDisposable
{
    private const string Model = "digits";

    private readonly TemporaryFolder _folder = new();
    private readonly KeyFolder _publisher;
    private readonly Recipient _issuer;

    public KeyFolderTests()
    {
        _publisher = KeyFolder.Create(_folder.File("publisher"), "acme");
        _issuer = KeyFolder.CreateIssuer(_folder.File("issuer"), "contoso");
        Directory.CreateDirectory(_folder.File("issuer", "trust", "acme"));
        File.Copy(_folder.File("publisher", "trust", "acme", "root.crt"), _folder.File("issuer", "trust", "acme", "root.crt"));
        File.Copy(_folder.File("publisher", "publisher.crt"), _folder.File("issuer", "publisher.crt"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OpenGrants_OfThePublisher_OpenWithTheIssuersKey()
    {
        Grant("acme", "contoso");

        var issuer = KeyFolder.Open(_folder.File("issuer"));
        using var key = issuer.OpenIssuerKey();
        using var content = Assert.Single(issuer.OpenGrants()).Open(key);

        Assert.Equal(("acme", "contoso"), (issuer.Publisher, issuer.Issuer));
        Assert.Equal(_issuer, Recipient.Of(key));
        Assert.Equal("digits.weights.1", content.Id);
    }

    [Fact]
    public void Issuer_OfTheVendorsFolder_IsThePublisher() => Assert.Equal("acme", KeyFolder.Open(_publisher.Path).Issuer);

    [Fact]
    public void OpenGrants_InTheNameOfAnotherPublisher_ThrowsMalformed()
    {
        // The right key signed it, for another name: it is no grant of the publisher that this folder trusts.
        Grant("other", "contoso");

        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => KeyFolder.Open(_folder.File("issuer")).OpenGrants()).Error);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(-1)]
    public void OpenGrants_CertificateNotValidThen_ThrowsUntrusted(int years)
    {
        Grant("acme", "contoso");
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddDays(365 * years));

        Assert.Equal(KeyError.Untrusted, Assert.Throws<KeyException>(() => KeyFolder.Open(_folder.File("issuer")).OpenGrants(clock)).Error);
    }

    [Fact]
    public void OpenGrants_CertificateThatSignsNoBundles_ThrowsUntrusted()
    {
        // The root chains to itself, and is not for this: it stays in its safe.
        Grant("acme", "contoso");
        File.Copy(_folder.File("publisher", "trust", "acme", "root.crt"), _folder.File("issuer", "publisher.crt"), overwrite: true);

        Assert.Equal(KeyError.Untrusted, Assert.Throws<KeyException>(() => KeyFolder.Open(_folder.File("issuer")).OpenGrants()).Error);
    }

    [Fact]
    public void Open_TwoIssuersOrTwoPublishers_ThrowsNotFound()
    {
        File.Copy(_folder.File("issuer", "issuers", "contoso.jwk"), _folder.File("issuer", "issuers", "fabrikam.jwk"));
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => KeyFolder.Open(_folder.File("issuer"))).Error);

        File.Delete(_folder.File("issuer", "issuers", "fabrikam.jwk"));
        Directory.CreateDirectory(_folder.File("issuer", "trust", "other"));
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => KeyFolder.Open(_folder.File("issuer"))).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a b")]
    public void CreateIssuer_NameThatIsNone_ThrowsAndMakesNothing(string name)
    {
        Assert.Throws<ArgumentException>(() => KeyFolder.CreateIssuer(_folder.File("new"), name));
        Assert.False(Directory.Exists(_folder.File("new")));
    }

    [Fact]
    public void CreateDevice_Twice_ThrowsAndKeepsTheFirst()
    {
        var first = KeyFolder.CreateDevice(_folder.File("device"));

        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(() => KeyFolder.CreateDevice(_folder.File("device"))).Error);
        Assert.Equal(first, Recipient.Load(_folder.File("device", "device.jwk")));
    }

    private void Grant(string publisher, string issuer)
    {
        using var key = _publisher.OpenPublisherKey();
        var store = _publisher.OpenContentKeys(key);
        KeyGrant.Create(publisher, store, store.Generate(Model, PartGroup.Weights), issuer, _issuer).Save(_folder.File("issuer", "grants"));
    }
}
