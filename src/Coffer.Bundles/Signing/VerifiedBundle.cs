using System.Buffers;
using System.Runtime.ExceptionServices;

namespace Coffer.Bundles;

/// <summary>
/// A bundle whose manifest and leaf tables its publisher signed. Only <see cref="SignedBundle.Verify"/> makes one, and only
/// this decrypts. Every part is hashed and decrypted from the same private buffer, so a file that changes in between gains
/// nothing. Thread-safe.
/// </summary>
public sealed class VerifiedBundle : IDisposable
{
    private readonly BundleSource _source;
    private readonly BundleLayout _layout;
    private readonly byte[] _leafTables;

    internal VerifiedBundle(BundleSource source, BundleManifest manifest, string manifestDigest, BundleSignature signature, BundleLayout layout, byte[] leafTables)
    {
        _source = source;
        _layout = layout;
        _leafTables = leafTables;
        Manifest = manifest;
        ManifestDigest = manifestDigest;
        Signature = signature;
    }

    /// <summary>What the publisher signed.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>SHA-256 of header and manifest, lowercase hex: the digest that licenses and lists name.</summary>
    public string ManifestDigest { get; }

    /// <summary>Who signed, and how.</summary>
    public BundleSignature Signature { get; }

    /// <summary>
    /// Reads every part and checks it against the leaf tables, without decrypting: what a mirror or an installer wants to
    /// know. Opening a model does not need it.
    /// </summary>
    /// <param name="progress">Bytes checked so far.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="BundleException">A part was altered.</exception>
    public void VerifyParts(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        var done = 0L;
        for (var i = 0; i < Manifest.Parts.Count; i++)
        {
            var part = i;
            ForEachLeaf(part, firstLeaf: 0, (_, bytes) => progress?.Report(Interlocked.Add(ref done, bytes.Length)), cancellationToken);
        }
    }

    /// <summary>Lets go of the file.</summary>
    public void Dispose() => _source.Dispose();

    /// <summary>The id and version.</summary>
    public override string ToString() => $"VerifiedBundle {Manifest.Id} {Manifest.Version}";

    internal bool Contains(string partName) => Manifest.Parts.Any(part => part.Name == partName);

    /// <summary>Reads, verifies and decrypts one part into native memory.</summary>
    /// <exception cref="BundleException">There is no such part, it was altered, or the key is not the one.</exception>
    internal DecryptedPart Decrypt(string partName, ContentKey key, CancellationToken cancellationToken)
    {
        var index = IndexOf(partName);
        var part = Manifest.Parts[index];
        _ = ChunkedAead.TryPlaintextLength(part.Length, out var plaintextLength);
        var memory = new SecretMemory(plaintextLength);
        try
        {
            using var message = DecryptFirstLeaf(index, key, memory);
            ForEachLeaf(index, firstLeaf: 1, (leaf, encrypted) => DecryptLeaf(message, part, leaf, encrypted, memory), cancellationToken);
            return new DecryptedPart(partName, memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private delegate void LeafAction(long leaf, ReadOnlySpan<byte> encrypted);

    private ChunkedAead DecryptFirstLeaf(int index, ContentKey key, SecretMemory memory)
    {
        var part = Manifest.Parts[index];
        ChunkedAead? message = null;
        try
        {
            UseLeaf(index, leaf: 0, (leaf, encrypted) =>
            {
                message = ChunkedAead.TryOpen(key.Bytes, encrypted[..ChunkedAead.HeaderSize], PartContext.For(Manifest, part.Name))
                    ?? throw new BundleException(BundleError.WrongContentKey, BundleSection.Part, $"The content key '{key.Id}' does not open the bundle's part '{part.Name}'. The license was issued with another key of that name; ask its issuer for a new one.");
                DecryptLeaf(message, part, leaf, encrypted[ChunkedAead.HeaderSize..], memory);
            });
            return message!;
        }
        catch
        {
            message?.Dispose();
            throw;
        }
    }

    private static void DecryptLeaf(ChunkedAead message, BundlePart part, long leaf, ReadOnlySpan<byte> encrypted, SecretMemory memory)
    {
        var last = leaf == HashTree.LeafCount(part.Length) - 1;
        var start = leaf * HashTree.ChunksPerLeaf * ChunkedAead.ChunkSize;
        var length = (int)Math.Min(memory.Length - start, HashTree.ChunksPerLeaf * ChunkedAead.ChunkSize);
        using var cipher = message.CreateCipher();
        if (!cipher.TryDecrypt(leaf * HashTree.ChunksPerLeaf, encrypted, last, memory.Slice(start, length), out _))
        {
            // The signature covers these bytes and the commitment fits the key: only the publisher can have made this.
            throw new BundleException(BundleError.PartAltered, BundleSection.Part, $"The bundle's part '{part.Name}' does not decrypt, although its publisher signed it. Ask the publisher to pack it again.");
        }
    }

    // All leaves on all cores; the first failure stops the rest.
    private void ForEachLeaf(int index, long firstLeaf, LeafAction action, CancellationToken cancellationToken)
    {
        var count = HashTree.LeafCount(Manifest.Parts[index].Length);
        if (count - firstLeaf <= 1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (count > firstLeaf)
            {
                UseLeaf(index, firstLeaf, action);
            }

            return;
        }

        try
        {
            Parallel.For(firstLeaf, count, new ParallelOptions { CancellationToken = cancellationToken }, leaf => UseLeaf(index, leaf, action));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private void UseLeaf(int index, long leaf, LeafAction action)
    {
        var part = Manifest.Parts[index];
        var (offset, length) = HashTree.LeafRange(part.Length, leaf);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = buffer.AsSpan(0, length);
            _source.Read(part.Offset + offset, bytes);
            Span<byte> digest = stackalloc byte[HashTree.DigestSize];
            HashTree.HashLeaf(bytes, digest);
            if (!digest.SequenceEqual(LeafDigest(index, leaf)))
            {
                throw new BundleException(BundleError.PartAltered, BundleSection.Part, $"The bundle's part '{part.Name}' was altered after it was signed. Do not use the file; fetch it again from its publisher.");
            }

            action(leaf, bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ReadOnlySpan<byte> LeafDigest(int index, long leaf) =>
        _leafTables.AsSpan((int)(_layout.LeafTable(index) - _layout.LeafTableOffset + (leaf * HashTree.DigestSize)), HashTree.DigestSize);

    private int IndexOf(string partName)
    {
        for (var i = 0; i < Manifest.Parts.Count; i++)
        {
            if (Manifest.Parts[i].Name == partName)
            {
                return i;
            }
        }

        throw new BundleException(BundleError.PartMissing, BundleSection.Part, $"The bundle {Manifest.Id} {Manifest.Version} has no part '{partName}', which its task needs. Ask the publisher to pack it again.");
    }
}
