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
    private readonly LeafPrefetch? _prefetch;

    internal VerifiedBundle(BundleSource source, BundleManifest manifest, string manifestDigest, BundleSignature signature, BundleLayout layout, byte[] leafTables, LeafPrefetch? prefetch)
    {
        _source = source;
        _prefetch = prefetch;
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
            ForEachLeaf(part, CheckLeaf, cancellationToken);

            void CheckLeaf(long leaf)
            {
                using var read = ReadLeaf(part, leaf);
                progress?.Report(Interlocked.Add(ref done, read.Bytes.Length));
            }
        }
    }

    /// <summary>Lets go of the file.</summary>
    public void Dispose()
    {
        _prefetch?.Dispose();
        _source.Dispose();
    }

    /// <summary>The id and version.</summary>
    public override string ToString() => $"VerifiedBundle {Manifest.Id} {Manifest.Version}";

    internal bool Contains(string partName) => Manifest.Parts.Any(part => part.Name == partName);

    /// <summary>Reads, verifies and decrypts one part into native memory.</summary>
    /// <param name="partName">The part.</param>
    /// <param name="key">The content key of its group.</param>
    /// <param name="cancellationToken">Stops between leaves.</param>
    /// <param name="decrypted">Hears how many encrypted bytes each leaf had, on any thread.</param>
    /// <exception cref="BundleException">There is no such part, it was altered, or the key is not the one.</exception>
    internal DecryptedPart Decrypt(string partName, ContentKey key, CancellationToken cancellationToken, Action<int>? decrypted = null)
    {
        var index = IndexOf(partName);
        var part = Manifest.Parts[index];
        _ = ChunkedAead.TryPlaintextLength(part.Length, out var plaintextLength);
        var memory = new SecretMemory(plaintextLength);
        try
        {
            // It holds the message's header; the others wait for nothing else.
            using var first = ReadLeaf(index, leaf: 0);
            using var message = OpenMessage(part, first.Bytes[..ChunkedAead.HeaderSize], key);
            ForEachLeaf(index, ReadAndDecrypt, cancellationToken);
            return new DecryptedPart(partName, memory);

            void ReadAndDecrypt(long leaf)
            {
                using var other = leaf == 0 ? null : ReadLeaf(index, leaf);
                DecryptLeaf(message, part, leaf, other is null ? first.Bytes[ChunkedAead.HeaderSize..] : other.Bytes, memory);
                decrypted?.Invoke((other ?? first).Bytes.Length);
            }
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Whether a content key opens a part, by the commitment in its header; nothing is decrypted.</summary>
    /// <exception cref="BundleException">There is no such part, it was altered, or the key is not the one.</exception>
    internal void RequireKey(string partName, ContentKey key)
    {
        var index = IndexOf(partName);
        using var first = ReadLeaf(index, leaf: 0);
        OpenMessage(Manifest.Parts[index], first.Bytes[..ChunkedAead.HeaderSize], key).Dispose();
    }

    private ChunkedAead OpenMessage(BundlePart part, ReadOnlySpan<byte> header, ContentKey key) =>
        ChunkedAead.TryOpen(key.Bytes, header, PartContext.For(Manifest, part.Name))
            ?? throw new BundleException(BundleError.WrongContentKey, BundleSection.Part, $"The content key '{key.Id}' does not open the bundle's part '{part.Name}'. The license was issued with another key of that name; ask its issuer for a new one.");

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
    private void ForEachLeaf(int index, Action<long> action, CancellationToken cancellationToken)
    {
        var count = HashTree.LeafCount(Manifest.Parts[index].Length);
        if (count == 1)
        {
            cancellationToken.ThrowIfCancellationRequested();
            action(0);
            return;
        }

        try
        {
            Parallel.For(0L, count, new ParallelOptions { CancellationToken = cancellationToken }, action);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private HashedLeaf ReadLeaf(int index, long leaf)
    {
        var part = Manifest.Parts[index];
        var read = _prefetch?.Take(index, leaf) ?? HashedLeaf.Read(_source, part, leaf);
        if (read.Is(LeafDigest(index, leaf)))
        {
            return read;
        }

        read.Dispose();
        throw new BundleException(BundleError.PartAltered, BundleSection.Part, $"The bundle's part '{part.Name}' was altered after it was signed. Do not use the file; fetch it again from its publisher.");
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
