using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Coffer.Bundles;

/// <summary>
/// Packs parts into a bundle file. Streams: a model of any size packs in the memory of a few leaves, encrypted and hashed on
/// all cores. The file appears under its name when it is whole, signed and on the disk, and not before.
/// </summary>
public sealed class BundleWriter
{
    private readonly BundleManifest _manifest;
    private readonly BundleLayout _layout;
    private readonly int _signatureCapacity;
    private readonly IReadOnlyList<PartSource> _parts;
    private readonly IReadOnlyDictionary<PartGroup, ContentKey> _keys;
    private readonly BundleSigner _signer;

    private BundleWriter(BundleDraft draft, IReadOnlyList<PartSource> parts, IReadOnlyDictionary<PartGroup, ContentKey> keys, BundleSigner signer, DateTimeOffset now)
    {
        _parts = parts;
        _keys = keys;
        _signer = signer;
        _signatureCapacity = draft.SignatureCapacity;
        (_manifest, _layout) = Plan(draft, parts, keys, now);
    }

    /// <summary>Writes a bundle.</summary>
    /// <param name="path">The file; one that is there is replaced when the new one is whole.</param>
    /// <param name="draft">What the publisher says of it.</param>
    /// <param name="parts">The parts, in file order.</param>
    /// <param name="keys">The publisher's content keys.</param>
    /// <param name="keyIds">Which of them encrypts each group.</param>
    /// <param name="signer">The publisher's signer.</param>
    /// <param name="clock">For <see cref="BundleManifest.Created"/>; null for the system's.</param>
    /// <param name="progress">Plaintext bytes packed so far.</param>
    /// <param name="cancellationToken">Stops the packing; nothing is left behind.</param>
    /// <returns>The manifest as signed.</returns>
    /// <exception cref="ArgumentException">A name is not allowed, or a part's bytes are not as many as it said.</exception>
    /// <exception cref="KeyException">A content key can't be opened.</exception>
    public static async Task<BundleManifest> WriteAsync(
        string path,
        BundleDraft draft,
        IReadOnlyList<PartSource> parts,
        ContentKeyStore keys,
        IReadOnlyDictionary<PartGroup, string> keyIds,
        BundleSigner signer,
        TimeProvider? clock = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(keyIds);
        ArgumentNullException.ThrowIfNull(signer);
        var opened = new Dictionary<PartGroup, ContentKey>();
        try
        {
            foreach (var (group, keyId) in keyIds)
            {
                opened.Add(group, keys.Open(keyId));
            }

            return await WriteAsync(path, draft, parts, opened, signer, clock ?? TimeProvider.System, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var key in opened.Values)
            {
                key.Dispose();
            }
        }
    }

    /// <summary>The same with content keys at hand.</summary>
    internal static async Task<BundleManifest> WriteAsync(
        string path,
        BundleDraft draft,
        IReadOnlyList<PartSource> parts,
        IReadOnlyDictionary<PartGroup, ContentKey> keys,
        BundleSigner signer,
        TimeProvider clock,
        IProgress<long>? progress,
        CancellationToken cancellationToken)
    {
        Validate(draft, parts, keys);
        var writer = new BundleWriter(draft, parts, keys, signer, clock.GetUtcNow());
        var manifest = writer._manifest;
        await DurableFile.WriteAsync(path, async file => manifest = await writer.WriteAsync(file, progress, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return manifest;
    }

    private static void Validate(BundleDraft draft, IReadOnlyList<PartSource> parts, IReadOnlyDictionary<PartGroup, ContentKey> keys)
    {
        Require(BundleNames.IsName(draft.Publisher), $"'{draft.Publisher}' is not a publisher's name: 1 to 64 of a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit.");
        Require(BundleNames.IsName(draft.Name), $"'{draft.Name}' is not a model's name: 1 to 64 of a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit.");
        Require(BundleNames.IsTask(draft.Task), $"'{draft.Task}' is not a task's name: 1 to 64 of a-z, 0-9, '-'.");
        Require(draft.Sequence is null or (>= 0 and <= ManifestJson.MaxNumber), $"A sequence of {draft.Sequence}; from 0 to 2^53 - 1 are allowed.");
        Require(
            draft.SignatureCapacity is >= BundleHeader.MinSignatureCapacity and <= BundleHeader.MaxSignatureCapacity && draft.SignatureCapacity % BundleHeader.SignatureCapacityUnit == 0,
            $"A signature slot of {draft.SignatureCapacity} bytes; multiples of {BundleHeader.SignatureCapacityUnit} from {BundleHeader.MinSignatureCapacity} to {BundleHeader.MaxSignatureCapacity} are allowed.");
        Require(parts.Count > 0 && parts.Count <= BundleLimits.Default.MaxParts, $"A bundle has 1 to {BundleLimits.Default.MaxParts} parts, not {parts.Count}.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            Require(BundleNames.IsPartName(part.Name), $"'{part.Name}' is not a part's name: segments of letters, digits, '.', '_', '-', '@' with '/' between.");
            Require(names.Add(part.Name), $"The part '{part.Name}' is given twice.");
            Require(keys.ContainsKey(part.Group), $"There is no content key for the group of '{part.Name}'.");
        }
    }

    private static (BundleManifest Manifest, BundleLayout Layout) Plan(BundleDraft draft, IReadOnlyList<PartSource> parts, IReadOnlyDictionary<PartGroup, ContentKey> keys, DateTimeOffset now)
    {
        var lengths = parts.Select(part => ChunkedAead.EncryptedLength(part.Length)).ToList();
        var manifest = new BundleManifest
        {
            Publisher = draft.Publisher,
            Id = $"{draft.Publisher}/{draft.Name}",
            Version = draft.Version,
            Sequence = draft.Sequence ?? now.ToUnixTimeSeconds(),
            Instance = RandomNumberGenerator.GetBytes(16),
            Task = draft.Task,
            Created = now,
            MinSdk = draft.MinSdk,
            TimestampRequired = draft.TimestampRequired,
            KeyIds = parts.Select(part => part.Group).Distinct().ToDictionary(group => group, group => keys[group].Id),
            Parts = [.. parts.Select((part, i) => new BundlePart(part.Name, part.Group, 0, lengths[i], new byte[HashTree.DigestSize]))],
        };

        // The manifest holds offsets, which depend on its own length. Longer manifests only push parts back, so this settles.
        var length = 0;
        while (true)
        {
            var layout = new BundleLayout(length, draft.SignatureCapacity, lengths);
            manifest = manifest with { Parts = [.. manifest.Parts.Select((part, i) => part with { Offset = layout.Part(i) })] };
            var needed = ManifestJson.Write(manifest).Length;
            if (needed == length)
            {
                Require(length <= BundleHeader.MaxManifestLength, $"The manifest has {length} bytes; at most {BundleHeader.MaxManifestLength} are allowed. Use fewer parts or shorter names.");
                return (manifest, layout);
            }

            length = needed;
        }
    }

    private async Task<BundleManifest> WriteAsync(SafeFileHandle file, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        RandomAccess.SetLength(file, _layout.TotalLength);
        var leafTables = new byte[_layout.LeafTableEnd - _layout.LeafTableOffset];
        var signedParts = new List<BundlePart>();
        var packed = 0L;
        for (var i = 0; i < _parts.Count; i++)
        {
            var leafDigests = leafTables.AsMemory(
                (int)(_layout.LeafTable(i) - _layout.LeafTableOffset),
                (int)HashTree.LeafCount(_manifest.Parts[i].Length) * HashTree.DigestSize);
            await EncryptPartAsync(file, i, leafDigests, bytes => progress?.Report(packed += bytes), cancellationToken).ConfigureAwait(false);
            var digest = new byte[HashTree.DigestSize];
            HashTree.Root(leafDigests.Span, digest);
            signedParts.Add(_manifest.Parts[i] with { Digest = digest });
        }

        var manifest = _manifest with { Parts = signedParts };
        var content = EncodeContent(manifest);
        await RandomAccess.WriteAsync(file, content, 0, cancellationToken).ConfigureAwait(false);
        await RandomAccess.WriteAsync(file, EncodeSlot(_signer.Sign(content)), _layout.SlotOffset, cancellationToken).ConfigureAwait(false);
        await RandomAccess.WriteAsync(file, leafTables, _layout.LeafTableOffset, cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    // A batch of leaves at a time: read in order, encrypt and hash side by side, write.
    private async Task EncryptPartAsync(SafeFileHandle file, int index, Memory<byte> leafDigests, Action<long> report, CancellationToken cancellationToken)
    {
        var part = _parts[index];
        using var message = ChunkedAead.Create(_keys[part.Group].Bytes, RandomNumberGenerator.GetBytes(ChunkedAead.SaltSize), PartContext.For(_manifest, part.Name));
        var leafCount = HashTree.LeafCount(_manifest.Parts[index].Length);
        var batch = (int)Math.Min(leafCount, 2 * Environment.ProcessorCount);
        var plain = Enumerable.Range(0, batch).Select(_ => new byte[PlainLeafSize]).ToArray();
        var encrypted = Enumerable.Range(0, batch).Select(_ => new byte[HashTree.MaxLeafSize]).ToArray();
        try
        {
            var source = part.OpenRead();
            await using var closing = source.ConfigureAwait(false);
            for (var first = 0L; first < leafCount; first += batch)
            {
                var count = (int)Math.Min(batch, leafCount - first);
                for (var i = 0; i < count; i++)
                {
                    await source.ReadExactlyAsync(plain[i].AsMemory(0, PlainLength(part.Length, first + i)), cancellationToken).ConfigureAwait(false);
                }

                Parallel.For(0, count, i => EncryptLeaf(message, part.Length, first + i, leafCount, plain[i], encrypted[i], leafDigests));
                for (var i = 0; i < count; i++)
                {
                    var (offset, length) = HashTree.LeafRange(_manifest.Parts[index].Length, first + i);
                    await RandomAccess.WriteAsync(file, encrypted[i].AsMemory(0, length), _layout.Part(index) + offset, cancellationToken).ConfigureAwait(false);
                    report(PlainLength(part.Length, first + i));
                }
            }

            Require(await source.ReadAsync(plain[0].AsMemory(0, 1), cancellationToken).ConfigureAwait(false) == 0, $"The part '{part.Name}' has more than the {part.Length} bytes that it said; it changed while it was packed.");
        }
        catch (EndOfStreamException e)
        {
            throw new ArgumentException($"The part '{part.Name}' has fewer than the {part.Length} bytes that it said; it changed while it was packed.", nameof(index), e);
        }
        finally
        {
            Array.ForEach(plain, bytes => CryptographicOperations.ZeroMemory(bytes));
        }
    }

    private static void EncryptLeaf(ChunkedAead message, long partLength, long leaf, long leafCount, byte[] plain, byte[] encrypted, Memory<byte> leafDigests)
    {
        var header = 0;
        if (leaf == 0)
        {
            message.WriteHeader(encrypted);
            header = ChunkedAead.HeaderSize;
        }

        using var cipher = message.CreateCipher();
        var written = cipher.Encrypt(leaf * HashTree.ChunksPerLeaf, plain.AsSpan(0, PlainLength(partLength, leaf)), leaf == leafCount - 1, encrypted.AsSpan(header));
        HashTree.HashLeaf(encrypted.AsSpan(0, header + written), leafDigests.Span.Slice((int)leaf * HashTree.DigestSize, HashTree.DigestSize));
    }

    private byte[] EncodeContent(BundleManifest manifest)
    {
        var json = ManifestJson.Write(manifest);
        var content = new byte[BundleHeader.Size + json.Length];
        new BundleHeader(json.Length, _signatureCapacity, _layout.TotalLength).Write(content);
        json.CopyTo(content, BundleHeader.Size);
        return content;
    }

    private byte[] EncodeSlot(byte[] signature) =>
        SignatureSlot.TryEncode(signature, _signatureCapacity)
            ?? throw new ArgumentException($"The signature with its certificates has {signature.Length} bytes; the slot holds {_signatureCapacity - sizeof(uint)}. Give the draft a larger signature capacity.");

    private static int PlainLength(long partLength, long leaf) => (int)Math.Min(PlainLeafSize, partLength - (leaf * PlainLeafSize));

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new ArgumentException(otherwise);
        }
    }

    private const int PlainLeafSize = HashTree.ChunksPerLeaf * ChunkedAead.ChunkSize;
}
