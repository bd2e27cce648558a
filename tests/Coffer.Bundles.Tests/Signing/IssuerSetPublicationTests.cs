using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Signing;

/// <summary>The issuer set of a key folder. A key that signs versions is never lost: neither when one can't be written, nor after.</summary>
public sealed class IssuerSetPublicationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(TestPublisher.Now);
    private readonly KeyFolder _keys;

    public IssuerSetPublicationTests() => _keys = KeyFolder.Create(_folder.File("keys"), "acme", _clock);

    private string SetPath => _folder.File("issuers.set");

    private string KeyPath => _folder.File("keys", "issuers.key");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PublishIssuersAsync_ThreeVersions_FollowEachOther()
    {
        var first = await PublishAsync();
        var second = await PublishAsync(rotate: true);
        var third = await PublishAsync(edit: terms => terms with { Issuers = [] });

        var trust = TrustStore.FromDirectory(_keys.TrustPath, _clock);
        trust = trust.Update(first, _clock).Update(second, _clock).Update(third, _clock);
        Assert.Equal(3, trust.Publishers["acme"].IssuerSetVersion);
        Assert.Empty(trust.Publishers["acme"].Issuers);
        Assert.Equal(third.ToText(), IssuerSetFile.Load(SetPath).ToText());
    }

    [Fact]
    public async Task PublishIssuersAsync_PlaceThatCantBeWritten_LeavesNoKey()
    {
        await Assert.ThrowsAnyAsync<IOException>(() => PublishAsync(_folder.File("no", "such", "folder.set")));
        Assert.False(File.Exists(KeyPath));

        _ = await PublishAsync();
    }

    [Fact]
    public async Task PublishIssuersAsync_RotationThatFails_KeepsTheKey()
    {
        _ = await PublishAsync();
        var before = await File.ReadAllBytesAsync(KeyPath, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<InvalidOperationException>(() => PublishAsync(rotate: true, edit: _ => throw new InvalidOperationException()));
        await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(rotate: true, edit: terms => terms with { Signers = [] }));

        Assert.Equal(before, await File.ReadAllBytesAsync(KeyPath, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(_folder.File("keys", "issuers.2.key")));
        Assert.Equal(2, (await PublishAsync(rotate: true)).Newest.Version);
    }

    // A second key, in a safe, may be named beside issuers.key; replacing the one leaves the other.
    [Fact]
    public async Task PublishIssuersAsync_WithASecondKey_KeepsItThroughARotation()
    {
        using var safe = TestIssuerSets.NewKey();
        var spare = JsonWebKey.FromECDsa(safe);
        var first = await PublishAsync(edit: terms => terms with { Keys = [.. terms.Keys, spare] });

        var second = await PublishAsync(rotate: true);

        Assert.Equal(2, second.Newest.Keys.Count);
        Assert.Contains(spare, second.Newest.Keys);
        Assert.DoesNotContain(first.Newest.Keys[0], second.Newest.Keys);
        _ = new IssuerSetSigner(safe) { Clock = _clock }.Continue(second, IssuerSetDraft.From(second.Newest));
    }

    [Fact]
    public void OpenRootKey_MissingOrDamaged_ThrowsWithoutQuotingIt()
    {
        using (var root = _keys.OpenRootKey())
        {
            Assert.Equal(256, root.KeySize);
        }

        var path = _folder.File("keys", "root.key");
        var pem = File.ReadAllText(path);
        File.WriteAllText(path, pem.Replace("-----END", "A-----END", StringComparison.Ordinal));
        var malformed = Assert.Throws<KeyException>(_keys.OpenRootKey);
        Assert.Equal(KeyError.Malformed, malformed.Error);
        Assert.Null(malformed.InnerException);
        Assert.DoesNotContain(pem.Split('\n')[1][..16], malformed.ToString(), StringComparison.Ordinal);

        File.Delete(path);
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(_keys.OpenRootKey).Error);
    }

    private Task<IssuerSetFile> PublishAsync(string? path = null, bool rotate = false, Func<IssuerSetDraft, IssuerSetDraft>? edit = null) =>
        _keys.PublishIssuersAsync(path ?? SetPath, edit ?? (terms => terms), rotate, _clock, TestContext.Current.CancellationToken);
}
