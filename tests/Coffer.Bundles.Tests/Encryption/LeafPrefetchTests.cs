using Coffer.Bundles;

namespace Coffer.Tests.Encryption;

public sealed class LeafPrefetchTests : IDisposable
{
    private const string Weights = "graphs/model/weights";

    // Three leaves and a bit.
    private static readonly byte[] Plaintext = [.. Enumerable.Range(0, (3 * HashTree.ChunksPerLeaf * ChunkedAead.ChunkSize) + 5).Select(i => (byte)(i * 7))];

    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Decrypt_ReadAhead_GivesThePartMoreThanOnce()
    {
        using var bundle = OpenAhead(await PackAsync());

        for (var i = 0; i < 2; i++)
        {
            using var part = bundle.Decrypt(Weights, _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken);

            Assert.True(part.Span.SequenceEqual(Plaintext));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Decrypt_LeafAlteredBeforeItWasReadAhead_IsRefused(long leaf)
    {
        var bytes = await PackAsync();
        using (var signed = SignedBundle.FromMemory(bytes))
        {
            var part = signed.Manifest.Parts.Single(part => part.Name == Weights);
            bytes[part.Offset + HashTree.LeafRange(part.Length, leaf).Offset + 9] ^= 1;
        }

        using var bundle = OpenAhead(bytes);

        var refused = Assert.Throws<BundleException>(() => bundle.Decrypt(Weights, _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken));
        Assert.Equal(BundleError.PartAltered, refused.Error);
    }

    [Fact]
    public async Task Take_ALeafTwice_GivesItOnce()
    {
        var bytes = await PackAsync();
        using var signed = SignedBundle.FromMemory(bytes);
        var source = BundleSource.FromMemory(bytes);
        using var prefetch = LeafPrefetch.Start(source, signed.Manifest);
        source.Dispose();

        using var leaf = prefetch.Take(part: 0, leaf: 0);

        Assert.NotNull(leaf);
        Assert.Equal(bytes.AsSpan((int)signed.Manifest.Parts[0].Offset, leaf.Bytes.Length), leaf.Bytes);
        Assert.Null(prefetch.Take(part: 0, leaf: 0));
        Assert.Null(prefetch.Take(part: 0, leaf: 1));
    }

    [Fact]
    public async Task Decrypt_FileTruncatedAfterItWasOpened_IsRefused()
    {
        var path = await _publisher.PackAsync(_folder, [PartSource.FromBytes("settings.json", PartGroup.Settings, "{}"u8.ToArray()), PartSource.FromBytes(Weights, PartGroup.Weights, Plaintext)]);
        using var signed = SignedBundle.Open(path);
        await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.SetLength(signed.Manifest.Parts[^1].Offset + 100);
        }

        signed.Prefetch();
        using var bundle = signed.Verify(_publisher.Trust, _publisher.Verification);

        var refused = Assert.Throws<BundleException>(() => bundle.Decrypt(Weights, _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken));
        Assert.Equal(BundleError.Truncated, refused.Error);
    }

    private async Task<byte[]> PackAsync()
    {
        var path = await _publisher.PackAsync(_folder, [PartSource.FromBytes("settings.json", PartGroup.Settings, "{}"u8.ToArray()), PartSource.FromBytes(Weights, PartGroup.Weights, Plaintext)]);
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }

    private VerifiedBundle OpenAhead(ReadOnlyMemory<byte> bytes)
    {
        using var signed = SignedBundle.FromMemory(bytes);
        signed.Prefetch();
        return signed.Verify(_publisher.Trust, _publisher.Verification);
    }
}
