using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>
/// A picture as the application has it: encoded (JPEG, PNG, WebP or BMP) or as pixels. Immutable and thread-safe. Nothing is
/// read before a predictor needs it, so a bad picture is reported by the predictor, as an <see cref="InputException"/>. A
/// file's name stays here: no result, log or remote call carries it.
/// </summary>
public sealed class ImageInput
{
    private readonly ImageSource _source;

    private ImageInput(ImageSource source) => _source = source;

    /// <summary>A picture in a file, read each time it is predicted.</summary>
    /// <param name="path">The path of a JPEG, PNG, WebP or BMP file; the content decides which, not the name.</param>
    public static ImageInput FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ImageInput(new ImageSource.OfFile(path));
    }

    /// <summary>An encoded picture in memory.</summary>
    /// <param name="encoded">The bytes of a JPEG, PNG, WebP or BMP file. Not copied: they must not change while in use.</param>
    public static ImageInput FromBytes(ReadOnlyMemory<byte> encoded) => new(new ImageSource.OfBytes(encoded));

    /// <summary>
    /// An encoded picture in a stream, which is read from its present position to its end at the first prediction and kept for
    /// the next ones.
    /// </summary>
    /// <param name="stream">Stays open, and is the caller's to close, after the first prediction.</param>
    /// <exception cref="ArgumentException">The stream can't be read.</exception>
    public static ImageInput FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
        {
            throw new ArgumentException("The stream can't be read.", nameof(stream));
        }

        return new ImageInput(new ImageSource.OfStream(stream));
    }

    /// <summary>A picture as pixels, for example a camera's frame.</summary>
    /// <param name="pixels">The rows, top first. Not copied: they must not change while in use.</param>
    /// <param name="width">In pixels, 1 or more.</param>
    /// <param name="height">In pixels, 1 or more.</param>
    /// <param name="format">How the pixels lie in memory.</param>
    /// <param name="stride">Bytes from one row to the next; at least the bytes of one row. The last row may end early.</param>
    /// <exception cref="ArgumentException">The bytes are fewer than the sizes say.</exception>
    public static ImageInput FromPixels(ReadOnlyMemory<byte> pixels, int width, int height, PixelFormat format, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var row = width * (long)BytesPerPixel(format);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, row);
        if (((height - 1L) * stride) + row > pixels.Length)
        {
            throw new ArgumentException(
                $"A picture of {width}x{height} pixels in {format} with a stride of {stride} has more than the {pixels.Length} bytes given.", nameof(pixels));
        }

        return new ImageInput(new ImageSource.OfPixels(pixels, width, height, format, stride));
    }

    /// <summary>The bytes of the encoded picture, or its pixels.</summary>
    /// <exception cref="InputException">It can't be read, is empty or is larger than the limit.</exception>
    internal ImageData Open(ImageLimits limits) => _source.Open(limits);

    internal static int BytesPerPixel(PixelFormat format) => format switch
    {
        PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3,
        PixelFormat.Rgba32 or PixelFormat.Bgra32 => 4,
        PixelFormat.Gray8 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };
}
