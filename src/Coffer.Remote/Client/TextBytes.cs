using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Coffer.Remote;

/// <summary>Texts as the tensor protocols send them: UTF-8; in raw tensors each after its length, 32 bits, little-endian.</summary>
internal static class TextBytes
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">They are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string label)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{label} has bytes that are not UTF-8", e);
        }
    }

    public static void WriteRaw(IBufferWriter<byte> writer, ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            var span = writer.GetSpan(sizeof(uint) + length);
            BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)length);
            Encoding.UTF8.GetBytes(text, span[sizeof(uint)..]);
            writer.Advance(sizeof(uint) + length);
        }
    }

    public static int RawLength(ReadOnlySpan<string> texts)
    {
        var length = 0;
        foreach (var text in texts)
        {
            length = checked(length + sizeof(uint) + Encoding.UTF8.GetByteCount(text));
        }

        return length;
    }

    /// <exception cref="InvalidDataException">There are more or fewer texts, or they are not UTF-8.</exception>
    public static void ReadRaw(ReadOnlySpan<byte> bytes, Span<string> texts, string label)
    {
        foreach (ref var text in texts)
        {
            if (bytes.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(bytes) > bytes.Length - sizeof(uint))
            {
                throw new InvalidDataException($"{label} ends within its texts");
            }

            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            text = Decode(bytes.Slice(sizeof(uint), length), label);
            bytes = bytes[(sizeof(uint) + length)..];
        }

        if (!bytes.IsEmpty)
        {
            throw new InvalidDataException($"{label} has more texts than its shape says");
        }
    }
}
