using System.Buffers;

namespace Coffer.Vision;

/// <summary>
/// Pillow's <c>Image.resize</c> on 8-bit pixels, bit for bit: each resized pixel is a weighted sum of the source pixels under a
/// filter that is stretched when the picture shrinks, first along rows, then along columns, rounded to 8 bits in between
/// (Pillow, <c>src/libImaging/Resample.c</c>). Only a window of the resized picture is computed, so that a crop costs its own
/// size. All memory is pooled.
/// </summary>
internal static class ImageResampler
{
    /// <summary>Resizes <paramref name="source"/> and writes the window into <paramref name="destination"/>, rows without gaps.</summary>
    /// <param name="source">The pixels: 8-bit, interleaved, rows without gaps.</param>
    /// <param name="size">The size of the source.</param>
    /// <param name="channels">1 or 4. Four channels are independent: none is taken for alpha.</param>
    /// <param name="target">The size of the whole resized picture.</param>
    /// <param name="window">The part of it that is wanted.</param>
    /// <param name="filter">Which filter.</param>
    /// <param name="destination">Room for the window's pixels.</param>
    public static void Resample(
        ReadOnlySpan<byte> source, PixelSize size, int channels, PixelSize target, PixelRectangle window, ResampleFilter filter, Span<byte> destination)
    {
        destination = destination[..(window.Width * window.Height * channels)];
        if (size == target)
        {
            Copy(source, size.Width * channels, channels, window, destination);
        }
        else if (filter == ResampleFilter.Nearest)
        {
            NearestNeighbour.Resample(source, size, channels, target, window, destination);
        }
        else if (size.Height == target.Height)
        {
            var rows = source.Slice(window.Top * size.Width * channels, window.Height * size.Width * channels);
            ResampleRows(rows, size.Width, channels, target.Width, window, filter, destination);
        }
        else if (size.Width == target.Width)
        {
            using var vertical = ResampleWeights.Compute(size.Height, target.Height, window.Top, window.Height, filter);
            ResampleColumns(source[(window.Left * channels)..], size.Width * channels, vertical, window.Width * channels, 0, destination);
        }
        else
        {
            ResampleBoth(source, size, channels, target, window, filter, destination);
        }
    }

    private static void ResampleBoth(
        ReadOnlySpan<byte> source, PixelSize size, int channels, PixelSize target, PixelRectangle window, ResampleFilter filter, Span<byte> destination)
    {
        using var vertical = ResampleWeights.Compute(size.Height, target.Height, window.Top, window.Height, filter);
        var first = vertical.Start(0);
        var last = vertical.Start(window.Height - 1) + vertical.Weights(window.Height - 1).Length;
        var stride = window.Width * channels;
        var rented = ArrayPool<byte>.Shared.Rent(checked((last - first) * stride));
        var between = rented.AsSpan(0, (last - first) * stride);
        ResampleRows(source[(first * size.Width * channels)..(last * size.Width * channels)], size.Width, channels, target.Width, window, filter, between);
        ResampleColumns(between, stride, vertical, stride, first, destination);
        ArrayPool<byte>.Shared.Return(rented);
    }

    private static void ResampleRows(
        ReadOnlySpan<byte> rows, int width, int channels, int targetWidth, PixelRectangle window, ResampleFilter filter, Span<byte> destination)
    {
        using var weights = ResampleWeights.Compute(width, targetWidth, window.Left, window.Width, filter);
        while (rows.Length > 0)
        {
            ResampleKernels.Row(rows[..(width * channels)], channels, weights, destination[..(window.Width * channels)]);
            rows = rows[(width * channels)..];
            destination = destination[(window.Width * channels)..];
        }
    }

    private static void ResampleColumns(
        ReadOnlySpan<byte> source, int stride, ResampleWeights weights, int rowBytes, int firstRow, Span<byte> destination)
    {
        for (var y = 0; destination.Length > 0; y++)
        {
            ResampleKernels.Column(source[((weights.Start(y) - firstRow) * stride)..], stride, weights.Weights(y), destination[..rowBytes]);
            destination = destination[rowBytes..];
        }
    }

    private static void Copy(ReadOnlySpan<byte> source, int stride, int channels, PixelRectangle window, Span<byte> destination)
    {
        var rowBytes = window.Width * channels;
        for (var y = 0; y < window.Height; y++)
        {
            source.Slice(((window.Top + y) * stride) + (window.Left * channels), rowBytes).CopyTo(destination[(y * rowBytes)..]);
        }
    }
}
