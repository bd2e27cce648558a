using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// Encrypts and decrypts chunks of one message (<see cref="ChunkedAead"/>) at any index, so that a message can be streamed,
/// read at random, or worked on by many threads. Not thread-safe.
/// </summary>
internal sealed class ChunkCipher : IDisposable
{
    private readonly AesGcm _aes;
    private readonly byte[] _baseNonce;

    internal ChunkCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> baseNonce)
    {
        _aes = new AesGcm(key, ChunkedAead.TagSize);
        _baseNonce = baseNonce.ToArray();
    }

    /// <summary>Encrypts consecutive chunks. Only a message's last chunk is short, and it always is: it may be empty.</summary>
    /// <param name="firstChunk">The index of the first chunk.</param>
    /// <param name="plaintext">Whole chunks; with <paramref name="last"/> whole chunks and the short one.</param>
    /// <param name="last">Whether the message ends here.</param>
    /// <param name="destination">The encrypted chunks: 16 bytes more for each.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="ArgumentException">A short chunk before the end.</exception>
    public int Encrypt(long firstChunk, ReadOnlySpan<byte> plaintext, bool last, Span<byte> destination)
    {
        if (!last && plaintext.Length % ChunkedAead.ChunkSize != 0)
        {
            throw new ArgumentException("Only the last chunk of a message may be short.", nameof(plaintext));
        }

        var index = firstChunk;
        var written = 0;
        for (; plaintext.Length >= ChunkedAead.ChunkSize; plaintext = plaintext[ChunkedAead.ChunkSize..])
        {
            written += EncryptChunk(index++, plaintext[..ChunkedAead.ChunkSize], destination[written..]);
        }

        return last ? written + EncryptChunk(index, plaintext, destination[written..]) : written;
    }

    /// <summary>Decrypts consecutive chunks, or says no and clears <paramref name="plaintext"/>.</summary>
    /// <param name="firstChunk">The index of the first chunk.</param>
    /// <param name="encrypted">Whole encrypted chunks; with <paramref name="last"/> those and the short one.</param>
    /// <param name="last">Whether the message ends here.</param>
    /// <param name="plaintext">16 bytes less for each chunk.</param>
    /// <param name="written">The bytes written.</param>
    public bool TryDecrypt(long firstChunk, ReadOnlySpan<byte> encrypted, bool last, Span<byte> plaintext, out int written)
    {
        var index = firstChunk;
        written = 0;
        for (; encrypted.Length >= ChunkedAead.EncryptedChunkSize; encrypted = encrypted[ChunkedAead.EncryptedChunkSize..])
        {
            if (!TryDecryptChunk(index++, encrypted[..ChunkedAead.EncryptedChunkSize], plaintext[written..]))
            {
                return Refuse(plaintext, out written);
            }

            written += ChunkedAead.ChunkSize;
        }

        if (!last)
        {
            return encrypted.IsEmpty || Refuse(plaintext, out written);
        }

        if (!TryDecryptChunk(index, encrypted, plaintext[written..]))
        {
            return Refuse(plaintext, out written);
        }

        written += encrypted.Length - ChunkedAead.TagSize;
        return true;
    }

    public void Dispose()
    {
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_baseNonce);
    }

    public override string ToString() => "ChunkCipher (redacted)";

    private static bool Refuse(Span<byte> plaintext, out int written)
    {
        plaintext.Clear();
        written = 0;
        return false;
    }

    private int EncryptChunk(long index, ReadOnlySpan<byte> chunk, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ChunkedAead.MaxChunks);
        Span<byte> nonce = stackalloc byte[_baseNonce.Length];
        SetNonce(index, nonce);
        _aes.Encrypt(nonce, chunk, destination[..chunk.Length], destination.Slice(chunk.Length, ChunkedAead.TagSize));
        return chunk.Length + ChunkedAead.TagSize;
    }

    private bool TryDecryptChunk(long index, ReadOnlySpan<byte> chunk, Span<byte> plaintext)
    {
        var length = chunk.Length - ChunkedAead.TagSize;
        if (length < 0 || index >= ChunkedAead.MaxChunks)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[_baseNonce.Length];
        SetNonce(index, nonce);
        try
        {
            _aes.Decrypt(nonce, chunk[..length], chunk[length..], plaintext[..length]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    // The specification: base nonce XOR the chunk number as a big-endian integer as wide as the nonce.
    private void SetNonce(long index, Span<byte> nonce)
    {
        _baseNonce.CopyTo(nonce);
        var low = nonce[^sizeof(ulong)..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ (ulong)index);
    }
}
