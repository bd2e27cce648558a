using System.Buffers;
using System.Runtime.InteropServices;

namespace Coffer.Vision;

/// <summary>Pillow's nearest-neighbour resizing, which is its affine transformation without interpolation (<c>src/libImaging/Geometry.c</c>).</summary>
internal static class NearestNeighbour
{
    public static void Resample(
        ReadOnlySpan<byte> source, PixelSize size, int channels, PixelSize target, PixelRectangle window, Span<byte> destination)
    {
        var columns = ArrayPool<int>.Shared.Rent(window.Width);
        var rows = ArrayPool<int>.Shared.Rent(window.Height);
        Positions(size.Width, target.Width, window.Left, columns.AsSpan(0, window.Width));
        Positions(size.Height, target.Height, window.Top, rows.AsSpan(0, window.Height));
        foreach (var row in rows.AsSpan(0, window.Height))
        {
            var line = source.Slice(row * size.Width * channels, size.Width * channels);
            if (channels == 1)
            {
                Pick(line, columns.AsSpan(0, window.Width), destination);
            }
            else
            {
                Pick(MemoryMarshal.Cast<byte, uint>(line), columns.AsSpan(0, window.Width), MemoryMarshal.Cast<byte, uint>(destination));
            }

            destination = destination[(window.Width * channels)..];
        }

        ArrayPool<int>.Shared.Return(columns);
        ArrayPool<int>.Shared.Return(rows);
    }

    private static void Positions(int source, int target, int first, Span<int> positions)
    {
        // Summed up, not multiplied, as Pillow does: the rounding errors of the sum decide ties.
        var step = (double)source / target;
        var position = step * 0.5;
        for (var i = 0; i < first; i++)
        {
            position += step;
        }

        foreach (ref var result in positions)
        {
            result = Math.Min((int)position, source - 1);
            position += step;
        }
    }

    private static void Pick<T>(ReadOnlySpan<T> line, ReadOnlySpan<int> columns, Span<T> destination)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            destination[i] = line[columns[i]];
        }
    }
}
