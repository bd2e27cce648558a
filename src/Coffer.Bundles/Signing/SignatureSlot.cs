using System.Buffers.Binary;

namespace Coffer.Bundles;

/// <summary>The section of a bundle that holds the signature: a length, the DER, zeros (FORMAT.md §5).</summary>
internal static class SignatureSlot
{
    /// <summary>The whole slot; null where the signature does not fit.</summary>
    public static byte[]? TryEncode(ReadOnlySpan<byte> signature, int capacity)
    {
        if (signature.Length > capacity - sizeof(uint))
        {
            return null;
        }

        var slot = new byte[capacity];
        BinaryPrimitives.WriteUInt32LittleEndian(slot, (uint)signature.Length);
        signature.CopyTo(slot.AsSpan(sizeof(uint)));
        return slot;
    }
}
