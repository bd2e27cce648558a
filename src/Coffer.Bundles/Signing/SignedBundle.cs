using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A bundle whose structure was read and whose signature was not yet checked: its manifest is a claim. Call
/// <see cref="Verify"/> for a <see cref="VerifiedBundle"/>, which alone decrypts. Thread-safe.
/// </summary>
public sealed class SignedBundle : IDisposable
{
    private readonly BundleSource _source;
    private readonly byte[] _content;
    private readonly byte[] _signature;
    private readonly BundleLayout _layout;
    private readonly byte[] _leafTables;
    private LeafPrefetch? _prefetch;

    private SignedBundle(BundleSource source, byte[] content, BundleManifest manifest, byte[] signature, BundleLayout layout, byte[] leafTables)
    {
        _source = source;
        _content = content;
        _signature = signature;
        _layout = layout;
        _leafTables = leafTables;
        Manifest = manifest;
        ManifestDigest = Convert.ToHexStringLower(SHA256.HashData(content));
    }

    /// <summary>What the file claims to be.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>SHA-256 of header and manifest, lowercase hex: the digest that licenses and lists name.</summary>
    public string ManifestDigest { get; }

    /// <summary>Bytes of the whole bundle.</summary>
    public long Length => _source.Length;

    /// <summary>Bytes that the signature covers: header and manifest, from the start of the file.</summary>
    public int SignedLength => _content.Length;

    /// <summary>The detached CMS signature in DER, over the first <see cref="SignedLength"/> bytes.</summary>
    public ReadOnlyMemory<byte> SignatureBytes => _signature;

    /// <summary>Bytes of the signature slot, which follows the signed bytes.</summary>
    internal int SignatureCapacity => (int)(_layout.LeafTableOffset - _layout.SlotOffset);

    /// <summary>Reads the structure of a bundle file. The file stays open, for others to read, until this and every <see cref="VerifiedBundle"/> of it are disposed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <exception cref="BundleException">The file can't be read or is not a bundle of this format.</exception>
    public static SignedBundle Open(string path, BundleLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(BundleSource.Open(path), limits ?? BundleLimits.Default);
    }

    /// <summary>Reads the structure of a bundle in memory, for example an embedded resource.</summary>
    /// <param name="bundle">The bytes; they must not change while the bundle is in use.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <exception cref="BundleException">The bytes are not a bundle of this format.</exception>
    public static SignedBundle FromMemory(ReadOnlyMemory<byte> bundle, BundleLimits? limits = null) =>
        Read(BundleSource.FromMemory(bundle), limits ?? BundleLimits.Default);

    /// <summary>
    /// Checks that the publisher signed this manifest and that the leaf tables are the ones it names. The parts themselves
    /// are checked when they are read, on the very bytes that are then used.
    /// </summary>
    /// <param name="trust">Whom to trust.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="BundleException">The signature, its signer or a leaf table is refused.</exception>
    public VerifiedBundle Verify(TrustStore trust, VerificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var now = (options ?? VerificationOptions.Default).Clock.GetUtcNow();
        var signature = SignatureVerifier.Verify(_content, _signature, Manifest.Publisher, trust, now);
        if (Manifest.TimestampRequired && signature.Timestamp is null)
        {
            throw new BundleException(BundleError.TimestampMissing, BundleSection.Signature, "The bundle's publisher requires a timestamp, and its signature carries none. Fetch the timestamped bundle from its publisher.");
        }

        CheckLeafTables();
        return new VerifiedBundle(_source.Share(), Manifest, ManifestDigest, signature, _layout, _leafTables, _prefetch);
    }

    /// <summary>What the signature says of itself, unverified.</summary>
    /// <exception cref="BundleException">The slot does not hold a signature of the profile.</exception>
    public BundleSignature ReadSignature()
    {
        var signature = SignatureVerifier.Decode(_signature);
        using var certificate = SignatureVerifier.LoadSigner(signature);
        return BundleSignature.Of(signature.Algorithm, certificate, signature.Timestamp is null ? null : TimestampVerifier.ReadTime(signature.Timestamp));
    }

    /// <summary>
    /// Starts to read and hash the parts ahead of <see cref="Verify"/>, for who will then decrypt them. Nothing of them is believed
    /// before: a digest is compared with the signed table when its leaf is taken.
    /// </summary>
    internal void Prefetch() => _prefetch ??= LeafPrefetch.Start(_source, Manifest);

    /// <summary>Lets go of the file.</summary>
    public void Dispose()
    {
        _prefetch?.Dispose();
        _source.Dispose();
    }

    /// <summary>The id and version that the file claims.</summary>
    public override string ToString() => $"SignedBundle {Manifest.Id} {Manifest.Version} (unverified)";

    private static SignedBundle Read(BundleSource source, BundleLimits limits)
    {
        try
        {
            return ReadSections(source, limits);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    // Limits precede allocation: the header bounds manifest and slot, the file's real length bounds everything else.
    private static SignedBundle ReadSections(BundleSource source, BundleLimits limits)
    {
        var headerBytes = new byte[Math.Min(BundleHeader.Size, source.Length)];
        source.Read(0, headerBytes);
        var header = BundleHeader.Read(headerBytes, source.Name, source.Length, limits);
        if (BundleHeader.Size + header.ManifestLength + (long)header.SignatureCapacity > header.TotalLength)
        {
            throw new BundleException(BundleError.InvalidHeader, BundleSection.Header, "The bundle's header gives a manifest and a signature slot that do not fit into the file.");
        }

        var content = new byte[BundleHeader.Size + header.ManifestLength];
        headerBytes.CopyTo(content, 0);
        source.Read(BundleHeader.Size, content.AsSpan(BundleHeader.Size));
        var manifest = ManifestJson.Read(content.AsMemory(BundleHeader.Size), limits);
        var layout = CheckLayout(header, manifest);
        var signature = ReadSlot(source, layout, header.SignatureCapacity);
        var leafTables = new byte[layout.LeafTableEnd - layout.LeafTableOffset];
        source.Read(layout.LeafTableOffset, leafTables);
        CheckPadding(source, manifest, layout);
        return new SignedBundle(source, content, manifest, signature, layout, leafTables);
    }

    private static BundleLayout CheckLayout(BundleHeader header, BundleManifest manifest)
    {
        var layout = ComputeLayout(header, manifest);
        for (var i = 0; i < manifest.Parts.Count; i++)
        {
            if (manifest.Parts[i].Offset != layout.Part(i))
            {
                throw new BundleException(BundleError.InvalidManifest, BundleSection.Manifest, $"The bundle's manifest puts '{manifest.Parts[i].Name}' at {manifest.Parts[i].Offset}; after the parts before it, it belongs at {layout.Part(i)}.");
            }
        }

        return layout.TotalLength == header.TotalLength
            ? layout
            : throw new BundleException(BundleError.InvalidManifest, BundleSection.Manifest, $"The bundle's manifest lists parts that end at {layout.TotalLength}; the header says {header.TotalLength}.");
    }

    private static BundleLayout ComputeLayout(BundleHeader header, BundleManifest manifest)
    {
        try
        {
            return new BundleLayout(header.ManifestLength, header.SignatureCapacity, [.. manifest.Parts.Select(part => part.Length)]);
        }
        catch (OverflowException e)
        {
            // Only where the application raised its limits: many parts, each within them.
            throw new BundleException(BundleError.LimitExceeded, BundleSection.Manifest, "The bundle's manifest lists parts of more bytes together than any file can have.", e);
        }
    }

    private static byte[] ReadSlot(BundleSource source, BundleLayout layout, int capacity)
    {
        var slot = new byte[capacity];
        source.Read(layout.SlotOffset, slot);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(slot);
        if (length == 0 || length > (uint)(capacity - sizeof(uint)))
        {
            throw new BundleException(BundleError.InvalidSignature, BundleSection.Signature, $"The bundle's signature slot gives a signature of {length} bytes; from 1 to {capacity - sizeof(uint)} fit.");
        }

        if (slot.AsSpan(sizeof(uint) + (int)length).ContainsAnyExcept((byte)0))
        {
            throw new BundleException(BundleError.NonZeroPadding, BundleSection.Signature, "The bundle's signature slot is not zero after the signature. The file is damaged; copy it again.");
        }

        return slot.AsSpan(sizeof(uint), (int)length).ToArray();
    }

    private static void CheckPadding(BundleSource source, BundleManifest manifest, BundleLayout layout)
    {
        Span<byte> padding = stackalloc byte[BundleLayout.PartAlignment];
        var position = layout.LeafTableEnd;
        for (var i = 0; i < manifest.Parts.Count; i++)
        {
            var gap = padding[..(int)(layout.Part(i) - position)];
            source.Read(position, gap);
            if (gap.ContainsAnyExcept((byte)0))
            {
                throw new BundleException(BundleError.NonZeroPadding, BundleSection.Padding, $"The bytes before the bundle's part '{manifest.Parts[i].Name}' are not zero. The file is damaged; copy it again.");
            }

            position = layout.Part(i) + manifest.Parts[i].Length;
        }
    }

    private void CheckLeafTables()
    {
        Span<byte> root = stackalloc byte[HashTree.DigestSize];
        for (var i = 0; i < Manifest.Parts.Count; i++)
        {
            var part = Manifest.Parts[i];
            var start = (int)(_layout.LeafTable(i) - _layout.LeafTableOffset);
            HashTree.Root(_leafTables.AsSpan(start, (int)HashTree.LeafCount(part.Length) * HashTree.DigestSize), root);
            if (!root.SequenceEqual(part.Digest.Span))
            {
                throw new BundleException(BundleError.LeafTableAltered, BundleSection.LeafTable, $"The leaf table of the bundle's part '{part.Name}' is not the one that was signed. Do not use the file; fetch it again from its publisher.");
            }
        }
    }
}
