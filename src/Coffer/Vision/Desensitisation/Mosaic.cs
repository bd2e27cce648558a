namespace Coffer.Vision;

/// <summary>
/// Replaces an area by a few cells of one colour each, the mean of their pixels. What is left of a face is six by six numbers: a blur by a
/// smooth filter could be undone in part, this can't.
/// </summary>
internal static class Mosaic
{
    private const int Cells = 6;

    // A detector's box ends at chin and forehead.
    private const float Margin = 0.2f;

    public static void Apply(Span<byte> pixels, PixelSize size, int channels, FaceArea face)
    {
        if (!(face.Width > 0 && face.Height > 0))
        {
            return;
        }

        var left = Within(face.Left - (face.Width * Margin), size.Width);
        var right = Within(face.Left + (face.Width * (1 + Margin)) + 1, size.Width);
        var top = Within(face.Top - (face.Height * Margin), size.Height);
        var bottom = Within(face.Top + (face.Height * (1 + Margin)) + 1, size.Height);
        for (var row = 0; row < Cells; row++)
        {
            for (var column = 0; column < Cells; column++)
            {
                Fill(
                    pixels, size.Width, channels,
                    left + ((right - left) * column / Cells), left + ((right - left) * (column + 1) / Cells),
                    top + ((bottom - top) * row / Cells), top + ((bottom - top) * (row + 1) / Cells));
            }
        }
    }

    private static int Within(float value, int size) => (int)Math.Clamp(value, 0, size);

    private static void Fill(Span<byte> pixels, int width, int channels, int left, int right, int top, int bottom)
    {
        var count = (long)(right - left) * (bottom - top);
        if (count <= 0)
        {
            return;
        }

        for (var channel = 0; channel < channels; channel++)
        {
            var sum = 0L;
            for (var y = top; y < bottom; y++)
            {
                for (var x = left; x < right; x++)
                {
                    sum += pixels[(((y * width) + x) * channels) + channel];
                }
            }

            var mean = (byte)((sum + (count / 2)) / count);
            for (var y = top; y < bottom; y++)
            {
                for (var x = left; x < right; x++)
                {
                    pixels[(((y * width) + x) * channels) + channel] = mean;
                }
            }
        }
    }
}
