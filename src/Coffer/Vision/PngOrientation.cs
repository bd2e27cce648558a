using System.Buffers.Binary;

namespace Coffer.Vision;

/// <summary>
/// Finds the orientation in a PNG's eXIf chunk (PNG third edition, 11.3.4.5), which Skia leaves aside. What is damaged or
/// missing is upright: orientation is metadata, and the decoder judges the picture.
/// </summary>
internal static class PngOrientation
{
    private const int SignatureLength = 8;
    private const int ChunkOverhead = 12;
    private const ushort OrientationTag = 0x0112;
    private const ushort ShortType = 3;

    public static ImageOrientation Read(ReadOnlySpan<byte> png)
    {
        var rest = png[SignatureLength..];
        while (rest.Length >= ChunkOverhead)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - ChunkOverhead)
            {
                break;
            }

            if (rest.Slice(4, 4).SequenceEqual("eXIf"u8))
            {
                return OfExif(rest.Slice(8, (int)length));
            }

            rest = rest[(ChunkOverhead + (int)length)..];
        }

        return ImageOrientation.TopLeft;
    }

    // TIFF 6.0, section 2: a header, then a directory of 12-byte entries.
    private static ImageOrientation OfExif(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8 || !(exif.StartsWith("II*\0"u8) || exif.StartsWith("MM\0*"u8)))
        {
            return ImageOrientation.TopLeft;
        }

        var little = exif[0] == 'I';
        var offset = little ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (offset > exif.Length - 2)
        {
            return ImageOrientation.TopLeft;
        }

        var directory = exif[(int)offset..];
        var entries = Short(directory, little);
        for (directory = directory[2..]; entries > 0 && directory.Length >= 12; entries--, directory = directory[12..])
        {
            if (Short(directory, little) == OrientationTag && Short(directory[2..], little) == ShortType)
            {
                var orientation = (ImageOrientation)Short(directory[8..], little);
                return Enum.IsDefined(orientation) ? orientation : ImageOrientation.TopLeft;
            }
        }

        return ImageOrientation.TopLeft;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
