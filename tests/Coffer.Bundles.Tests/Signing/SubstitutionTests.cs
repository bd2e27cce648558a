using System.Buffers.Binary;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Signing;

/// <summary>
/// Bundles made of pieces of genuine ones, and parts that a licensee, who holds the content key, encrypts again. Each attack goes as far as
/// its maker can without the publisher's key: the part alone, then its leaf table, then its digest in the manifest.
/// </summary>
public sealed class SubstitutionTests : IDisposable
{
    private const string Weights = "graphs/model/weights";

    private readonly TemporaryFolder _folder = new();
    private readonly TestPublisher _publisher = new();

    /// <summary>How far the attacker goes after he changed a part.</summary>
    public enum Reach
    {
        Part,
        LeafTable,
        Manifest,
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(Reach.Part, BundleError.PartAltered, BundleSection.Part)]
    [InlineData(Reach.LeafTable, BundleError.LeafTableAltered, BundleSection.LeafTable)]
    [InlineData(Reach.Manifest, BundleError.ContentAltered, BundleSection.SignedContent)]
    public async Task Verify_PartOfAnotherBundleOfTheSamePublisher_IsRefused(Reach reach, BundleError error, BundleSection section)
    {
        var (one, other) = (await PackAsync("1.2.0", 50_000), await PackAsync("1.2.0", 50_000));

        AssertRefused(error, section, Replace(one, PartOf(other), reach));
    }

    // A newer version's part under the older version's manifest, and the other way round.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Verify_PartsOfAnotherVersion_AreRefused(bool newerParts)
    {
        var (older, newer) = (await PackAsync("1.2.0", 50_000), await PackAsync("1.3.0", 50_000));
        var (manifest, parts) = newerParts ? (older, newer) : (newer, older);
        using var signed = SignedBundle.FromMemory(manifest);
        var tables = signed.SignedLength + signed.SignatureCapacity;
        var firstPart = (int)signed.Manifest.Parts[0].Offset;

        AssertRefused(BundleError.PartAltered, BundleSection.Part, [.. manifest[..firstPart], .. parts[firstPart..]]);
        AssertRefused(BundleError.LeafTableAltered, BundleSection.LeafTable, [.. manifest[..tables], .. parts[tables..]]);
        AssertRefused(BundleError.ContentAltered, BundleSection.SignedContent, [.. manifest[..signed.SignedLength], .. parts[signed.SignedLength..]]);
    }

    [Theory]
    [InlineData(Reach.Part, BundleError.PartAltered, BundleSection.Part)]
    [InlineData(Reach.LeafTable, BundleError.LeafTableAltered, BundleSection.LeafTable)]
    [InlineData(Reach.Manifest, BundleError.ContentAltered, BundleSection.SignedContent)]
    public async Task Verify_ChunksReorderedDoubledOrDropped_AreRefused(Reach reach, BundleError error, BundleSection section)
    {
        var bundle = await PackAsync("1.2.0", 5 * ChunkedAead.ChunkSize);
        foreach (var (_, edit) in ChunkEdits)
        {
            var part = PartOf(bundle);
            edit(part);
            AssertRefused(error, section, Replace(bundle, part, reach));
        }
    }

    // Even where the publisher signs it: the encryption itself numbers its chunks and marks the last.
    [Fact]
    public async Task Decrypt_ChunksReorderedDoubledOrDroppedAndSigned_ThrowsPartAltered()
    {
        var bundle = await PackAsync("1.2.0", 5 * ChunkedAead.ChunkSize);
        foreach (var (what, edit) in ChunkEdits)
        {
            var part = PartOf(bundle);
            edit(part);
            using var signed = SignedBundle.FromMemory(Sign(Replace(bundle, part, Reach.Manifest)));
            using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);
            verified.VerifyParts(cancellationToken: TestContext.Current.CancellationToken);
            var refused = Assert.Throws<BundleException>(() => verified.Decrypt(Weights, _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken));
            Assert.True(refused.Error == BundleError.PartAltered, $"{what}: {refused}");
        }
    }

    // A full chunk at the end: C2SP chunked-encryption has a short one there, and so no such length exists.
    [Fact]
    public async Task Open_PartThatEndsWithAFullChunk_ThrowsInvalidManifest()
    {
        var bundle = await PackAsync("1.2.0", 2 * ChunkedAead.ChunkSize);
        var length = ChunkedAead.EncryptedLength(2 * ChunkedAead.ChunkSize);
        var manifest = ManifestText(bundle).Replace($"\"length\":{length}", $"\"length\":{length - ChunkedAead.TagSize}", StringComparison.Ordinal);
        var shorter = WithManifest(bundle, manifest)[..^ChunkedAead.TagSize];
        BinaryPrimitives.WriteInt64LittleEndian(shorter.AsSpan(24), shorter.Length);

        AssertRefused(BundleError.InvalidManifest, BundleSection.Manifest, Sign(shorter));
    }

    // A licensee's own weights, encrypted as the publisher would: the salt, the context, commitment and tags are right.
    [Theory]
    [InlineData(Reach.Part, BundleError.PartAltered, BundleSection.Part)]
    [InlineData(Reach.LeafTable, BundleError.LeafTableAltered, BundleSection.LeafTable)]
    [InlineData(Reach.Manifest, BundleError.ContentAltered, BundleSection.SignedContent)]
    public async Task Verify_WeightsThatAKeyHolderEncryptedAgain_AreRefused(Reach reach, BundleError error, BundleSection section)
    {
        var bundle = await PackAsync("1.2.0", 50_000);
        var forged = EncryptAgain(bundle);
        using (var message = ChunkedAead.TryOpen(_publisher.Keys[PartGroup.Weights].Bytes, forged.AsSpan(0, ChunkedAead.HeaderSize), Context(bundle)))
        using (var cipher = message!.CreateCipher())
        {
            Assert.True(cipher.TryDecrypt(0, forged.AsSpan(ChunkedAead.HeaderSize), last: true, new byte[50_000], out _));
        }

        AssertRefused(error, section, Replace(bundle, forged, reach));
    }

    [Fact]
    public async Task Verify_WeightsThatAKeyHolderEncryptedAgainAndSigned_ThrowsUntrustedSigner()
    {
        using var licensee = new TestPublisher();
        var bundle = await PackAsync("1.2.0", 50_000);

        AssertRefused(BundleError.UntrustedSigner, BundleSection.Signature, Sign(Replace(bundle, EncryptAgain(bundle), Reach.Manifest), licensee));
    }

    // Two fields that change by the same number and cancel; the layout stays consistent wherever it can, so that the signature decides.
    [Fact]
    public async Task Verify_PairsOfLengthsThatCancel_AreRefused()
    {
        var bundle = await PackAsync("1.2.0", 50_000);
        using var signed = SignedBundle.FromMemory(bundle);
        var text = ManifestText(bundle);

        // The first part takes bytes from the padding behind it, and gives its successor nothing to notice.
        AssertRefused(BundleError.ContentAltered, BundleSection.SignedContent, WithManifest(bundle, text.Replace("\"length\":74", "\"length\":75", StringComparison.Ordinal)));
        AssertRefused(BundleError.ContentAltered, BundleSection.SignedContent, WithManifest(bundle, text.Replace("\"length\":74", "\"length\":72", StringComparison.Ordinal).Replace("\"length\":72", "\"length\":74", StringComparison.Ordinal)));

        // The manifest grows by what the slot loses, and the other way round.
        foreach (var by in new[] { BundleHeader.SignatureCapacityUnit, -BundleHeader.SignatureCapacityUnit })
        {
            byte[] moved = [.. bundle];
            BinaryPrimitives.WriteInt32LittleEndian(moved.AsSpan(12), (signed.SignedLength - BundleHeader.Size) + by);
            BinaryPrimitives.WriteInt32LittleEndian(moved.AsSpan(16), signed.SignatureCapacity - by);
            var refused = Assert.Throws<BundleException>(() => Use(moved));
            Assert.True((refused.Error, refused.Section) is (BundleError.LimitExceeded, BundleSection.Header) or (BundleError.InvalidManifest, BundleSection.Manifest), refused.Message);
        }

        // The slot grows, and the file with it: every offset moves along.
        var grown = GrowSlot(bundle, signed);
        AssertRefused(BundleError.ContentAltered, BundleSection.SignedContent, grown);
        using var again = SignedBundle.FromMemory(Sign(grown));
        again.Verify(_publisher.Trust, _publisher.Verification).Dispose();
    }

    private static readonly (string What, Action<byte[]> Edit)[] ChunkEdits =
    [
        ("the first two exchanged", part => Exchange(part, 0, 1)),
        ("two in the middle exchanged", part => Exchange(part, 2, 3)),
        ("the first doubled over the second", part => Chunk(part, 0).CopyTo(Chunk(part, 1))),
        ("the last full one doubled over the one before", part => Chunk(part, 4).CopyTo(Chunk(part, 3))),
        ("the second dropped, the last full one doubled", part => part.AsSpan(ChunkedAead.HeaderSize + (2 * ChunkedAead.EncryptedChunkSize), 3 * ChunkedAead.EncryptedChunkSize).CopyTo(part.AsSpan(ChunkedAead.HeaderSize + ChunkedAead.EncryptedChunkSize))),
        ("the empty last one from the start of a full one", part => Chunk(part, 0)[..ChunkedAead.TagSize].CopyTo(part.AsSpan(part.Length - ChunkedAead.TagSize))),
    ];

    private static Span<byte> Chunk(byte[] part, int index) =>
        part.AsSpan(ChunkedAead.HeaderSize + (index * ChunkedAead.EncryptedChunkSize), ChunkedAead.EncryptedChunkSize);

    private static void Exchange(byte[] part, int one, int other)
    {
        var kept = Chunk(part, one).ToArray();
        Chunk(part, other).CopyTo(Chunk(part, one));
        kept.CopyTo(Chunk(part, other));
    }

    private async Task<byte[]> PackAsync(string version, int weights)
    {
        PartSource[] parts = [TestPublisher.SmallParts[0], TestPublisher.SmallParts[1], PartSource.FromBytes(Weights, PartGroup.Weights, Enumerable.Range(0, weights).Select(i => (byte)i).ToArray())];
        var path = await _publisher.PackAsync(_folder, parts, draft: _publisher.Draft with { Version = SemanticVersion.Parse(version) });
        return await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
    }

    private static byte[] PartOf(byte[] bundle)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        var part = signed.Manifest.Parts[^1];
        return bundle.AsSpan((int)part.Offset, (int)part.Length).ToArray();
    }

    private static byte[] Context(byte[] bundle)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        return PartContext.For(signed.Manifest, Weights);
    }

    private byte[] EncryptAgain(byte[] bundle)
    {
        var forged = PartOf(bundle);
        using var message = ChunkedAead.Create(_publisher.Keys[PartGroup.Weights].Bytes, forged.AsSpan(0, ChunkedAead.SaltSize), Context(bundle));
        using var cipher = message.CreateCipher();
        message.WriteHeader(forged);
        cipher.Encrypt(0, new byte[50_000], last: true, forged.AsSpan(ChunkedAead.HeaderSize));
        return forged;
    }

    private static byte[] Replace(byte[] bundle, byte[] part, Reach reach)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        var old = signed.Manifest.Parts[^1];
        byte[] replaced = [.. bundle];
        part.CopyTo(replaced, (int)old.Offset);
        if (reach == Reach.Part)
        {
            return replaced;
        }

        // One leaf: its digest is the root. It stands last in the tables.
        Assert.Equal(1, HashTree.LeafCount(part.Length));
        var digest = new byte[HashTree.DigestSize];
        HashTree.HashLeaf(part, digest);
        digest.CopyTo(replaced, signed.SignedLength + signed.SignatureCapacity + ((signed.Manifest.Parts.Count - 1) * HashTree.DigestSize));
        return reach == Reach.LeafTable
            ? replaced
            : WithManifest(replaced, ManifestText(bundle).Replace(Convert.ToHexStringLower(old.Digest.Span), Convert.ToHexStringLower(digest), StringComparison.Ordinal));
    }

    private static string ManifestText(byte[] bundle)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        return Encoding.UTF8.GetString(bundle.AsSpan(BundleHeader.Size, signed.SignedLength - BundleHeader.Size));
    }

    private static byte[] WithManifest(byte[] bundle, string text)
    {
        Assert.Equal(Encoding.UTF8.GetByteCount(ManifestText(bundle)), Encoding.UTF8.GetByteCount(text));
        byte[] copy = [.. bundle];
        Encoding.UTF8.GetBytes(text, copy.AsSpan(BundleHeader.Size));
        return copy;
    }

    private static byte[] GrowSlot(byte[] bundle, SignedBundle signed)
    {
        const int By = BundleHeader.SignatureCapacityUnit;
        var text = ManifestText(bundle);
        foreach (var part in signed.Manifest.Parts.Reverse())
        {
            text = text.Replace($"\"offset\":{part.Offset}", $"\"offset\":{part.Offset + By}", StringComparison.Ordinal);
        }

        var slotEnd = signed.SignedLength + signed.SignatureCapacity;
        byte[] grown = [.. WithManifest(bundle, text)[..slotEnd], .. new byte[By], .. bundle[slotEnd..]];
        BinaryPrimitives.WriteInt32LittleEndian(grown.AsSpan(16), signed.SignatureCapacity + By);
        BinaryPrimitives.WriteInt64LittleEndian(grown.AsSpan(24), grown.Length);
        return grown;
    }

    private byte[] Sign(byte[] bundle, TestPublisher? by = null)
    {
        by ??= _publisher;
        var slot = BundleHeader.Size + BinaryPrimitives.ReadInt32LittleEndian(bundle.AsSpan(12));
        byte[] signed = [.. bundle];
        SignatureSlot.TryEncode(new BundleSigner(by.SignerKey, by.Certificate).Sign(bundle.AsSpan(0, slot)), BinaryPrimitives.ReadInt32LittleEndian(bundle.AsSpan(16)))!.CopyTo(signed, slot);
        return signed;
    }

    private void Use(byte[] bundle)
    {
        using var signed = SignedBundle.FromMemory(bundle);
        using var verified = signed.Verify(_publisher.Trust, _publisher.Verification);
        var refused = Assert.Throws<BundleException>(() => verified.VerifyParts(cancellationToken: TestContext.Current.CancellationToken));
        var decrypted = Assert.Throws<BundleException>(() => verified.Decrypt(Weights, _publisher.Keys[PartGroup.Weights], TestContext.Current.CancellationToken));
        Assert.Equal((refused.Error, refused.Section), (decrypted.Error, decrypted.Section));
        throw refused;
    }

    private void AssertRefused(BundleError error, BundleSection section, byte[] bundle)
    {
        var refused = Assert.Throws<BundleException>(() => Use(bundle));
        Assert.True((error, section) == (refused.Error, refused.Section), $"{refused.Error} in {refused.Section}: {refused.Message}");
    }
}
