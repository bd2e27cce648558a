using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Coffer.Tests.Vision;

/// <summary>PNG files that no encoder would write (ISO/IEC 15948).</summary>
internal static class CraftedPng
{
    /// <summary>An 8-bit RGB picture that claims a size and holds little of it.</summary>
    public static byte[] Claiming(int width, int height) => Write(width, height, 8, 2, new byte[1 << 10]);

    /// <summary>A picture of any depth and colour type, from its rows, most significant byte first.</summary>
    public static byte[] Of(int width, int height, byte bitDepth, byte colourType, byte[] rows)
    {
        var (rowBytes, filtered) = (rows.Length / height, new byte[rows.Length + height]);
        for (var y = 0; y < height; y++)
        {
            rows.AsSpan(y * rowBytes, rowBytes).CopyTo(filtered.AsSpan((y * (rowBytes + 1)) + 1));
        }

        return Write(width, height, bitDepth, colourType, filtered);
    }

    private static byte[] Write(int width, int height, byte bitDepth, byte colourType, byte[] filtered)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (bitDepth, colourType);
        using var content = new MemoryStream();
        using (var zlib = new ZLibStream(content, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(filtered);
        }

        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", header), .. Chunk("IDAT", content.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string type, byte[] content)
    {
        var chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        content.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), Crc(chunk.AsSpan(4, 4 + content.Length)));
        return chunk;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
