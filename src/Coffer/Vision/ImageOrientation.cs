using System.Runtime.InteropServices;

namespace Coffer.Vision;

/// <summary>Where the stored picture's first row and column belong: the values of EXIF's tag 0x0112 (JEITA CP-3451, 4.6.4).</summary>
internal enum ImageOrientation
{
    TopLeft = 1,
    TopRight = 2,
    BottomRight = 3,
    BottomLeft = 4,
    LeftTop = 5,
    RightTop = 6,
    RightBottom = 7,
    LeftBottom = 8,
}

internal static class ImageOrientations
{
    // Tiles of 16 by 16 pixels: both sides of a transposition stay in the first-level cache.
    private const int Tile = 16;

    /// <summary>The upright size of a stored one, and the reverse.</summary>
    public static PixelSize Upright(this ImageOrientation orientation, PixelSize stored) =>
        orientation >= ImageOrientation.LeftTop ? new PixelSize(stored.Height, stored.Width) : stored;

    /// <summary>Turns a stored picture of four channels upright. Takes the picture over: dispose the result only.</summary>
    public static PixelBuffer Upright(this PixelBuffer stored, ImageOrientation orientation)
    {
        if (orientation == ImageOrientation.TopLeft)
        {
            return stored;
        }

        using (stored)
        {
            var size = orientation.Upright(new PixelSize(stored.Width, stored.Height));
            var upright = new PixelBuffer(size.Width, size.Height, stored.Channels);
            Turn(MemoryMarshal.Cast<byte, uint>(stored.Bytes), stored.Width, orientation, MemoryMarshal.Cast<byte, uint>(upright.Bytes), size);
            return upright;
        }
    }

    private static void Turn(ReadOnlySpan<uint> stored, int storedWidth, ImageOrientation orientation, Span<uint> upright, PixelSize size)
    {
        // Where the upright picture's first pixel is stored, and how far the next ones to the right and below are from there.
        var last = stored.Length - 1;
        var (first, right, down) = orientation switch
        {
            ImageOrientation.TopRight => (storedWidth - 1, -1, storedWidth),
            ImageOrientation.BottomRight => (last, -1, -storedWidth),
            ImageOrientation.BottomLeft => (last - storedWidth + 1, 1, -storedWidth),
            ImageOrientation.LeftTop => (0, storedWidth, 1),
            ImageOrientation.RightTop => (last - storedWidth + 1, -storedWidth, 1),
            ImageOrientation.RightBottom => (last, -storedWidth, -1),
            ImageOrientation.LeftBottom => (storedWidth - 1, storedWidth, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation)),
        };

        for (var top = 0; top < size.Height; top += Tile)
        {
            for (var left = 0; left < size.Width; left += Tile)
            {
                for (var y = top; y < Math.Min(top + Tile, size.Height); y++)
                {
                    var from = first + (left * right) + (y * down);
                    foreach (ref var pixel in upright.Slice((y * size.Width) + left, Math.Min(Tile, size.Width - left)))
                    {
                        pixel = stored[from];
                        from += right;
                    }
                }
            }
        }
    }
}
