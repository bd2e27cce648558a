using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class ContentKeyStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly KeyFile _publisher;
    private readonly ContentKeyStore _store;

    public ContentKeyStoreTests()
    {
        _publisher = KeyFile.Create(_folder.File("publisher.key"));
        _store = new ContentKeyStore(_folder.File("content"), _publisher);
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Generate_Twice_GivesGenerationsThatOpen()
    {
        Assert.Null(_store.Latest("digits", PartGroup.Weights));
        Assert.Equal("digits.weights.1", _store.Generate("digits", PartGroup.Weights));
        Assert.Equal("digits.weights.2", _store.Generate("digits", PartGroup.Weights));
        Assert.Equal("digits.settings.1", _store.Generate("digits", PartGroup.Settings));
        Assert.Equal("digits.weights.2", _store.Latest("digits", PartGroup.Weights));
        Assert.Null(_store.Latest("digit", PartGroup.Weights));

        using var first = _store.Open("digits.weights.1");
        using var again = _store.Open("digits.weights.1");
        using var second = _store.Open("digits.weights.2");
        Assert.Equal("digits.weights.1", first.Id);
        Assert.Equal(first.Bytes, again.Bytes);
        Assert.NotEqual(first.Bytes.ToArray(), second.Bytes.ToArray());
    }

    [Fact]
    public void Latest_PastNine_CountsAsNumber()
    {
        for (var i = 0; i < 10; i++)
        {
            _store.Generate("m.v2", PartGroup.Settings);
        }

        Assert.Equal("m.v2.settings.10", _store.Latest("m.v2", PartGroup.Settings));
    }

    [Fact]
    public void Generate_OnUnix_WritesMode0600()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix modes.");
            return;
        }

        var path = _folder.File("content", _store.Generate("digits", PartGroup.Weights) + ".jwe");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("..")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("a.")]
    [InlineData("")]
    [InlineData("ä")]
    public void Generate_BadName_Throws(string name) => Assert.Throws<ArgumentException>(() => _store.Generate(name, PartGroup.Weights));

    [Theory]
    [InlineData("../publisher.weights.1")]
    [InlineData("digits.weights")]
    [InlineData("digits.weights.0")]
    [InlineData("digits.weights.01")]
    [InlineData("digits.other.1")]
    [InlineData("digits.weights.-1")]
    [InlineData("digits.weights.99999999999")]
    [InlineData("digits.weights.7")]
    public void Open_BadOrUnknownId_ThrowsNotFound(string id) =>
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => _store.Open(id)).Error);

    [Fact]
    public void Open_FileUnderAnotherName_ThrowsUnwrapFailed()
    {
        _store.Generate("digits", PartGroup.Weights);
        File.Copy(_folder.File("content", "digits.weights.1.jwe"), _folder.File("content", "digits.weights.2.jwe"));
        Assert.Equal(KeyError.UnwrapFailed, Assert.Throws<KeyException>(() => _store.Open("digits.weights.2")).Error);
    }

    [Fact]
    public void Grant_SavedAndLoaded_OpensForItsIssuerOnly()
    {
        using var issuer = KeyFile.Create(_folder.File("issuer.key"));
        var id = _store.Generate("digits", PartGroup.Weights);
        var path = KeyGrant.Create("acme", _store, id, "acme-issuer", issuer.Recipient).Save(_folder.File("grants"));
        Assert.EndsWith("digits.weights.1.acme-issuer.grant", path, StringComparison.Ordinal);

        var grant = Assert.Single(KeyGrant.FromDirectory(_folder.File("grants"), _publisher.SigningKey));
        Assert.Equal(("acme", "acme-issuer", id, PartGroup.Weights), (grant.Publisher, grant.Issuer, grant.KeyId, grant.Group));
        using var expected = _store.Open(id);
        using var opened = grant.Open(issuer);
        Assert.Equal(expected.Bytes, opened.Bytes);
        Assert.Equal(KeyError.UnwrapFailed, Assert.Throws<KeyException>(() => grant.Open(_publisher)).Error);
    }

    [Fact]
    public void Grant_ByAnotherPublisherOrAltered_IsRefused()
    {
        using var issuer = KeyFile.Create(_folder.File("issuer.key"));
        var token = KeyGrant.Create("acme", _store, _store.Generate("digits", PartGroup.Weights), "acme-issuer", issuer.Recipient).ToToken();

        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => KeyGrant.Parse(token, issuer.SigningKey)).Error);
        for (var i = 0; i < token.Length; i += 7)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => KeyGrant.Parse(changed, _publisher.SigningKey)).Error);
        }
    }
}
