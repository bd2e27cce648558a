using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// The keys of one message of C2SP chunked-encryption (https://c2sp.org/chunked-encryption) in its instantiation
/// Cobblestone-256: AES-256-GCM, 16 KiB chunks, a 24-byte salt, a 32-byte key commitment, HKDF-Expand with SHA-512.
/// A message is salt ‖ commitment ‖ chunks; the last chunk is shorter than the others, and may be empty. Thread-safe; each
/// thread takes a <see cref="ChunkCipher"/> of its own.
/// </summary>
internal sealed class ChunkedAead : IDisposable
{
    public const int KeySize = 32;
    public const int SaltSize = 24;
    public const int CommitmentSize = 32;
    public const int HeaderSize = SaltSize + CommitmentSize;
    public const int ChunkSize = 16 << 10;
    public const int TagSize = 16;
    public const int EncryptedChunkSize = ChunkSize + TagSize;
    public const long MaxChunks = 1L << 38;

    private const int NonceSize = 12;

    // key ‖ base nonce ‖ commitment, in the order of the derivation.
    private readonly byte[] _derived = GC.AllocateArray<byte>(KeySize + NonceSize + CommitmentSize, pinned: true);
    private readonly byte[] _salt;

    private ChunkedAead(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        _salt = salt.ToArray();
        Derive(inputKey, salt, context, _derived);
    }

    private ReadOnlySpan<byte> Commitment => _derived.AsSpan(KeySize + NonceSize);

    /// <summary>The keys of a new message. The salt must never repeat under one input key: take it from the system's generator.</summary>
    /// <exception cref="ArgumentException">The input key is not 32 bytes, or the salt not 24.</exception>
    public static ChunkedAead Create(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context)
    {
        ThrowIfNotSize(inputKey, KeySize, nameof(inputKey));
        ThrowIfNotSize(salt, SaltSize, nameof(salt));
        return new ChunkedAead(inputKey, salt, context);
    }

    /// <summary>The keys of an existing message, or null if input key or context are not those that made its header.</summary>
    /// <exception cref="ArgumentException">The input key is not 32 bytes, or the header not 56.</exception>
    public static ChunkedAead? TryOpen(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> header, ReadOnlySpan<byte> context)
    {
        ThrowIfNotSize(inputKey, KeySize, nameof(inputKey));
        ThrowIfNotSize(header, HeaderSize, nameof(header));
        var message = new ChunkedAead(inputKey, header[..SaltSize], context);
        if (CryptographicOperations.FixedTimeEquals(message.Commitment, header[SaltSize..]))
        {
            return message;
        }

        message.Dispose();
        return null;
    }

    /// <summary>The length of a message that carries this many bytes.</summary>
    public static long EncryptedLength(long plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintextLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(plaintextLength, MaxChunks * ChunkSize);
        return HeaderSize + plaintextLength + (ChunkCount(plaintextLength) * TagSize);
    }

    /// <summary>How many bytes a message of this length carries, or no: not every length is one that a message can have.</summary>
    public static bool TryPlaintextLength(long encryptedLength, out long plaintextLength)
    {
        plaintextLength = 0;
        var chunks = encryptedLength - HeaderSize;
        if (chunks < TagSize || chunks / EncryptedChunkSize >= MaxChunks)
        {
            return false;
        }

        // The last chunk must be there and must hold at least its tag.
        var last = chunks % EncryptedChunkSize;
        if (last < TagSize)
        {
            return false;
        }

        plaintextLength = (chunks / EncryptedChunkSize * ChunkSize) + last - TagSize;
        return true;
    }

    /// <summary>How many chunks carry this many bytes: a full last chunk is followed by an empty one.</summary>
    public static long ChunkCount(long plaintextLength) => (plaintextLength / ChunkSize) + 1;

    /// <summary>Writes salt and commitment, 56 bytes.</summary>
    public void WriteHeader(Span<byte> destination)
    {
        _salt.CopyTo(destination);
        Commitment.CopyTo(destination[SaltSize..]);
    }

    /// <summary>A cipher for one thread.</summary>
    public ChunkCipher CreateCipher() => new(_derived.AsSpan(0, KeySize), _derived.AsSpan(KeySize, NonceSize));

    public void Dispose() => CryptographicOperations.ZeroMemory(_derived);

    public override string ToString() => "ChunkedAead (redacted)";

    /// <summary>HKDF-Expand with SHA-512 (RFC 5869 §2.3). The BCL's refuses a key shorter than the hash, which the specification has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than 255 blocks are asked for.</exception>
    internal static void Expand(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, byte.MaxValue * HMACSHA512.HashSizeInBytes);

        // The previous block ‖ info ‖ the block's number.
        var buffer = new byte[HMACSHA512.HashSizeInBytes + info.Length + 1];
        info.CopyTo(buffer.AsSpan(HMACSHA512.HashSizeInBytes));
        Span<byte> block = stackalloc byte[HMACSHA512.HashSizeInBytes];
        for (var i = 0; i * block.Length < output.Length; i++)
        {
            buffer[^1] = (byte)(i + 1);
            HMACSHA512.HashData(inputKey, buffer.AsSpan(i == 0 ? block.Length : 0), block);
            var rest = output[(i * block.Length)..];
            block[..Math.Min(block.Length, rest.Length)].CopyTo(rest);
            block.CopyTo(buffer);
        }

        CryptographicOperations.ZeroMemory(block);
        CryptographicOperations.ZeroMemory(buffer);
    }

    private static void Derive(ReadOnlySpan<byte> inputKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> context, Span<byte> output)
    {
        byte[] info = [.. InfoPrefix, .. salt, .. context];
        Expand(inputKey, info, output);
    }

    private static void ThrowIfNotSize(ReadOnlySpan<byte> value, int size, string name)
    {
        if (value.Length != size)
        {
            throw new ArgumentException($"{name} has {value.Length} bytes; it must have {size}.", name);
        }
    }

    private static ReadOnlySpan<byte> InfoPrefix => "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"u8;
}
