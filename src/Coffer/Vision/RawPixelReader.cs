namespace Coffer.Vision;

/// <summary>Brings an application's own pixels into the order that the rest works on: red, green, blue and one that is ignored.</summary>
internal static class RawPixelReader
{
    public static PixelBuffer Read(ReadOnlySpan<byte> bytes, RawPixels raw)
    {
        var pixels = new PixelBuffer(raw.Width, raw.Height, 4);
        var rowBytes = raw.Width * ImageInput.BytesPerPixel(raw.Format);
        for (var y = 0; y < raw.Height; y++)
        {
            Read(bytes.Slice(y * raw.Stride, rowBytes), raw.Format, pixels.Bytes.Slice(y * raw.Width * 4, raw.Width * 4));
        }

        return pixels;
    }

    private static void Read(ReadOnlySpan<byte> row, PixelFormat format, Span<byte> destination)
    {
        if (format == PixelFormat.Rgba32)
        {
            row.CopyTo(destination);
            return;
        }

        var (step, red, green, blue) = format switch
        {
            PixelFormat.Rgb24 => (3, 0, 1, 2),
            PixelFormat.Bgr24 => (3, 2, 1, 0),
            PixelFormat.Bgra32 => (4, 2, 1, 0),
            _ => (1, 0, 0, 0),
        };
        for (var (from, to) = (0, 0); to < destination.Length; from += step, to += 4)
        {
            destination[to + 3] = 255;
            destination[to + 2] = row[from + blue];
            destination[to + 1] = row[from + green];
            destination[to] = row[from + red];
        }
    }
}
