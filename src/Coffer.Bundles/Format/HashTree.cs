using System.Numerics;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// The hash tree of RFC 6962 §2.1 with SHA-256 over the leaves of a part (FORMAT.md §4). A leaf is 64 encrypted chunks, the
/// first with the message header, so that hashing runs on all cores and one range can be checked alone.
/// </summary>
internal static class HashTree
{
    public const int DigestSize = SHA256.HashSizeInBytes;
    public const int ChunksPerLeaf = 64;
    public const int LeafSize = ChunksPerLeaf * ChunkedAead.EncryptedChunkSize;
    public const int MaxLeafSize = ChunkedAead.HeaderSize + LeafSize;

    /// <summary>How many leaves a message of this length has; at least one.</summary>
    public static long LeafCount(long encryptedLength) =>
        Math.Max(1, (encryptedLength - ChunkedAead.HeaderSize + LeafSize - 1) / LeafSize);

    /// <summary>Where a leaf lies in its message.</summary>
    public static (long Offset, int Length) LeafRange(long encryptedLength, long leaf)
    {
        var start = leaf == 0 ? 0 : ChunkedAead.HeaderSize + (leaf * LeafSize);
        var end = Math.Min(encryptedLength, ChunkedAead.HeaderSize + ((leaf + 1) * LeafSize));
        return (start, (int)(end - start));
    }

    /// <summary>SHA-256(0x00 ‖ leaf).</summary>
    public static void HashLeaf(ReadOnlySpan<byte> leaf, Span<byte> digest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0x00]);
        hash.AppendData(leaf);
        hash.GetHashAndReset(digest);
    }

    /// <summary>The root over a table of leaf digests, 32 bytes each.</summary>
    public static void Root(ReadOnlySpan<byte> leafDigests, Span<byte> root)
    {
        var count = leafDigests.Length / DigestSize;
        if (count == 1)
        {
            leafDigests.CopyTo(root);
            return;
        }

        // RFC 6962 §2.1: the left subtree takes the largest power of two smaller than the number of leaves.
        var split = (int)BitOperations.RoundUpToPowerOf2((uint)count) / 2;
        Span<byte> node = stackalloc byte[1 + (2 * DigestSize)];
        node[0] = 0x01;
        Root(leafDigests[..(split * DigestSize)], node.Slice(1, DigestSize));
        Root(leafDigests[(split * DigestSize)..], node.Slice(1 + DigestSize, DigestSize));
        SHA256.HashData(node, root);
    }
}
