using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Coffer.Bundles;

/// <summary>The Concat KDF of SP 800-56A §5.8.2.1 with SHA-256 as RFC 7518 §4.6.2 fills it in: one round, up to 32 bytes.</summary>
internal static class ConcatKdf
{
    public static void Derive(ReadOnlySpan<byte> sharedSecret, string algorithm, ReadOnlySpan<byte> partyUInfo, ReadOnlySpan<byte> partyVInfo, Span<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, SHA256.HashSizeInBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendNumber(hash, 1);
        hash.AppendData(sharedSecret);
        AppendPrefixed(hash, Encoding.ASCII.GetBytes(algorithm));
        AppendPrefixed(hash, partyUInfo);
        AppendPrefixed(hash, partyVInfo);
        AppendNumber(hash, 8 * key.Length);

        Span<byte> derived = stackalloc byte[SHA256.HashSizeInBytes];
        _ = hash.GetHashAndReset(derived);
        derived[..key.Length].CopyTo(key);
        CryptographicOperations.ZeroMemory(derived);
    }

    private static void AppendPrefixed(IncrementalHash hash, ReadOnlySpan<byte> value)
    {
        AppendNumber(hash, value.Length);
        hash.AppendData(value);
    }

    private static void AppendNumber(IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
