using Coffer.Inference;
using SkiaSharp;

namespace Coffer.Vision;

/// <summary>
/// Makes the pixels that Pillow's <c>ImageOps.exif_transpose(Image.open(f)).convert("RGB")</c> makes: no colour management,
/// alpha dropped, not blended, the first frame of an animation, turned upright by its EXIF orientation. Pictures are equal, with
/// one exception that is meant: 16-bit gray is scaled to 8 bits, where Pillow cuts it off at 255.
/// </summary>
internal static unsafe class ImageDecoder
{
    /// <summary>Decodes a picture.</summary>
    /// <param name="data">The opened input.</param>
    /// <param name="limits">Checked before the pixels are allocated.</param>
    /// <param name="needed">
    /// For <see cref="ImageDecoding.Scaled"/>: from the picture's upright size, the least size that is still of use. Null to decode at full size.
    /// </param>
    /// <param name="original">The upright size before any scaling.</param>
    /// <exception cref="InputException">It is not a picture, is damaged, or exceeds a limit.</exception>
    /// <exception cref="InferenceException">Skia's native library is missing.</exception>
    public static PixelBuffer Decode(ImageData data, ImageLimits limits, Func<PixelSize, PixelSize>? needed, out PixelSize original)
    {
        if (data.Raw is { } raw)
        {
            original = new PixelSize(raw.Width, raw.Height);
            Check(original, limits);
            return RawPixelReader.Read(data.Bytes.Span, raw);
        }

        var encoded = data.Bytes.Span;
        var format = ImageFormats.Detect(encoded);
        if (format == ImageFormat.Unknown)
        {
            throw new InputException(
                InputError.UnknownFormat, "The input is not a picture in a known format. Give a JPEG, PNG, WebP or BMP picture.");
        }

        SkiaNative.Require();
        fixed (byte* bytes = encoded)
        {
            using var memory = SKData.Create((nint)bytes, encoded.Length);
            using var stream = new SKMemoryStream(memory);
            using var codec = SKCodec.Create(stream, out _) ?? throw Corrupt(format);
            var stored = new PixelSize(codec.Info.Width, codec.Info.Height);
            Check(stored, limits);
            var orientation = format == ImageFormat.Png ? PngOrientation.Read(encoded) : (ImageOrientation)codec.EncodedOrigin;
            original = orientation.Upright(stored);
            var decoded = needed is null || format != ImageFormat.Jpeg ? stored : Scale(codec, stored, orientation.Upright(needed(original)));
            return Decode(codec, format, decoded).Upright(orientation);
        }
    }

    private static PixelSize Scale(SKCodec codec, PixelSize stored, PixelSize needed)
    {
        // libjpeg decodes at eighths of the size, by leaving out the upper coefficients of each block.
        for (var eighths = 1; eighths < 8; eighths++)
        {
            var scaled = codec.GetScaledDimensions(eighths / 8f);
            if (scaled.Width >= needed.Width && scaled.Height >= needed.Height)
            {
                return new PixelSize(scaled.Width, scaled.Height);
            }
        }

        return stored;
    }

    private static PixelBuffer Decode(SKCodec codec, ImageFormat format, PixelSize size)
    {
        var pixels = new PixelBuffer(size.Width, size.Height, 4);
        try
        {
            // Unpremultiplied and without a colour space: the numbers in the file, not what they would look like on a screen.
            var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
            var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, alpha, null);
            fixed (byte* target = pixels.Bytes)
            {
                var result = codec.GetPixels(info, (nint)target, info.RowBytes, SKCodecOptions.Default);
                if (result != SKCodecResult.Success)
                {
                    throw Corrupt(format);
                }
            }

            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    private static void Check(PixelSize size, ImageLimits limits)
    {
        // An array of four bytes a pixel ends there, whatever the limit.
        var most = Math.Min(limits.MaxPixels, Array.MaxLength / 4);
        if ((long)size.Width * size.Height > most)
        {
            throw new InputException(
                InputError.TooLarge,
                $"The picture has {size} pixels, more than the limit of {most}. Give a smaller one, or raise ImageLimits.MaxPixels.");
        }

        if (Math.Max(size.Width, size.Height) > limits.MaxEdge)
        {
            throw new InputException(
                InputError.TooLarge,
                $"The picture has {size} pixels, and an edge longer than the limit of {limits.MaxEdge}. Give a smaller one, or raise ImageLimits.MaxEdge.");
        }
    }

    private static InputException Corrupt(ImageFormat format) =>
        new(InputError.Corrupt, $"The {format} picture is damaged or ends early. Give it again from its source.");
}
