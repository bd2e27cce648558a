using System.Buffers;

namespace Coffer.Bundles;

/// <summary>
/// One leaf of a part, read once into private memory, with its digest. The digest says what was read, not that it may be used:
/// whoever takes the leaf compares it with the signed table.
/// </summary>
internal sealed class HashedLeaf : IDisposable
{
    private readonly int _length;
    private byte[]? _buffer;
    private Digest _digest;

    private HashedLeaf(byte[] buffer, int length)
    {
        _buffer = buffer;
        _length = length;
    }

    /// <summary>The ciphertext; valid until disposal.</summary>
    public ReadOnlySpan<byte> Bytes => (_buffer ?? throw new ObjectDisposedException(nameof(HashedLeaf))).AsSpan(0, _length);

    /// <exception cref="BundleException">The file ends before, or can't be read.</exception>
    public static HashedLeaf Read(BundleSource source, BundlePart part, long leaf)
    {
        var (offset, length) = HashTree.LeafRange(part.Length, leaf);
        var read = new HashedLeaf(ArrayPool<byte>.Shared.Rent(length), length);
        try
        {
            var bytes = read._buffer.AsSpan(0, length);
            source.Read(part.Offset + offset, bytes);
            HashTree.HashLeaf(bytes, read._digest);
            return read;
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    public bool Is(ReadOnlySpan<byte> digest) => digest.SequenceEqual(_digest);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [System.Runtime.CompilerServices.InlineArray(HashTree.DigestSize)]
    private struct Digest
    {
        private byte _first;
    }
}
