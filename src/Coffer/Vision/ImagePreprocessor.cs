using System.Runtime.InteropServices;
using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>From a picture to the pixels that a model takes: decode, crop, resize, crop. <see cref="PixelTensor"/> writes them as numbers.</summary>
internal sealed class ImagePreprocessor(ImagePreprocessorSettings settings)
{
    public ImagePreprocessorSettings Settings { get; } = settings;

    /// <summary>Prepares one picture.</summary>
    /// <param name="input">The picture.</param>
    /// <param name="decoding">Whether the pixels are Pillow's.</param>
    /// <param name="limits">What the picture, and what it is resized to, may be at most.</param>
    /// <returns>Gray, or four channels of which the last is ignored. The caller disposes it.</returns>
    /// <exception cref="InputException">The picture can't be read, is damaged or too large.</exception>
    public PixelBuffer Prepare(ImageInput input, ImageDecoding decoding, ImageLimits limits)
    {
        using var data = input.Open(limits);
        Func<PixelSize, PixelSize>? needed = decoding == ImageDecoding.Scaled && Settings is { Resize: { } resize, CropFirst: null } ? resize.Apply : null;
        var pixels = ImageDecoder.Decode(data, limits, needed, out var original);
        if (Settings.ChannelOrder == ChannelOrder.Gray)
        {
            pixels = Replace(pixels, Gray);
        }

        if (Settings.CropFirst is { } part)
        {
            var shorter = Math.Min(original.Width, original.Height);
            original = new PixelSize((int)(part.Width * shorter), (int)(part.Height * shorter));
            pixels = Replace(pixels, whole => Fit(whole, Size(whole), original, limits));
        }

        var target = Settings.Resize?.Apply(original) ?? original;
        var kept = Settings.Crop ?? target;
        return Size(pixels) == target && kept == target ? pixels : Replace(pixels, whole => Fit(whole, target, kept, limits));
    }

    /// <summary>Resizes to <paramref name="target"/> and keeps the middle, or pads with black around it.</summary>
    private PixelBuffer Fit(PixelBuffer pixels, PixelSize target, PixelSize kept, ImageLimits limits)
    {
        // Between the two passes of the resampler it has the new width and still the old height.
        var most = (long)kept.Width * Math.Max(kept.Height, pixels.Height);
        if (target.Width < 1 || target.Height < 1 || most > Math.Min(limits.MaxPixels, Array.MaxLength / 4))
        {
            throw new InputException(
                InputError.Unsuitable,
                $"The picture of {Size(pixels)} would become {kept} pixels for this model, which is nothing or exceeds ImageLimits.MaxPixels. Crop the picture, or raise the limit.");
        }

        var (left, width, before) = Middle(target.Width, kept.Width);
        var (top, height, above) = Middle(target.Height, kept.Height);
        var window = new PixelRectangle(left, top, width, height);
        var inner = new PixelBuffer(width, height, pixels.Channels);
        try
        {
            ImageResampler.Resample(pixels.Bytes, Size(pixels), pixels.Channels, target, window, Settings.Resample, inner.Bytes);
            return Size(inner) == kept ? inner : Replace(inner, part => Pad(part, kept, before, above));
        }
        catch
        {
            inner.Dispose();
            throw;
        }
    }

    /// <summary>One axis of transformers' <c>center_crop</c>: what is kept of the line, and how much black goes before it.</summary>
    private static (int Start, int Length, int Before) Middle(int line, int kept) =>
        kept <= line ? ((line - kept) / 2, kept, 0) : (0, line, (kept - line + 1) / 2);

    private static PixelBuffer Pad(PixelBuffer inner, PixelSize size, int before, int above)
    {
        var padded = new PixelBuffer(size.Width, size.Height, inner.Channels);
        padded.Bytes.Clear();
        var rowBytes = inner.Width * inner.Channels;
        for (var y = 0; y < inner.Height; y++)
        {
            inner.Bytes.Slice(y * rowBytes, rowBytes).CopyTo(padded.Bytes[((((above + y) * size.Width) + before) * inner.Channels)..]);
        }

        return padded;
    }

    /// <summary>Pillow's <c>convert("L")</c>: ITU-R BT.601 in 16-bit fixed point.</summary>
    private static PixelBuffer Gray(PixelBuffer colours)
    {
        var gray = new PixelBuffer(colours.Width, colours.Height, 1);
        var pixels = MemoryMarshal.Cast<byte, uint>(colours.Bytes);
        var bytes = gray.Bytes;
        for (var i = 0; i < pixels.Length; i++)
        {
            var (red, green, blue) = (pixels[i] & 0xFF, (pixels[i] >> 8) & 0xFF, (pixels[i] >> 16) & 0xFF);
            bytes[i] = (byte)(((red * 19595) + (green * 38470) + (blue * 7471) + 0x8000) >> 16);
        }

        return gray;
    }

    private static PixelBuffer Replace(PixelBuffer pixels, Func<PixelBuffer, PixelBuffer> step)
    {
        using (pixels)
        {
            return step(pixels);
        }
    }

    private static PixelSize Size(PixelBuffer pixels) => new(pixels.Width, pixels.Height);
}
