namespace Coffer.Tests.Vision;

/// <summary>Pictures from a seed, with edges and extremes that make filters overshoot.</summary>
internal static class RandomPictures
{
    public static byte[] Noise(int width, int height, int channels, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[width * height * channels];
        random.NextBytes(pixels);
        for (var i = 0; i < pixels.Length; i++)
        {
            // A third black or white.
            pixels[i] = random.Next(6) switch { 0 => 0, 1 => 255, _ => pixels[i] };
        }

        return pixels;
    }

    /// <summary>Smooth colours with some noise: what survives lossy coding.</summary>
    public static byte[] Smooth(int width, int height, int channels, int seed)
    {
        var random = new Random(seed);
        var pixels = new byte[width * height * channels];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y, c) = (i / channels % width, i / channels / width, i % channels);
            pixels[i] = (byte)Math.Clamp(128 + (90 * Math.Sin((x * 0.11) + c)) + (30 * Math.Cos((y * 0.17) - c)) + random.Next(-4, 5), 0, 255);
        }

        return pixels;
    }
}
