using Coffer.Vision;

namespace Coffer.Tests.Vision;

/// <summary>Pillow 9's Image.resize is the reference; the requirement is one level, the resampler is equal.</summary>
public sealed class ImageResamplerTests(PillowReference pillow, ITestOutputHelper output)
{
    public static TheoryData<int> Filters => [0, 1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Filters))]
    public void Resample_ManySizes_EqualsPillow(int filter)
    {
        (int W, int H, int TargetW, int TargetH)[] sizes =
        [
            (64, 48, 32, 24), (64, 48, 128, 96), (61, 47, 29, 53), (1, 1, 7, 5), (1, 40, 9, 3), (40, 1, 3, 9), (7, 5, 1, 1), (300, 200, 224, 224),
            (33, 33, 33, 12), (33, 33, 12, 33), (200, 3, 31, 31), (255, 257, 256, 256), (5, 5, 4, 6), (500, 400, 9, 400), (17, 900, 17, 40),
        ];
        var worst = 0;
        foreach (var channels in (int[])[1, 4])
        {
            foreach (var (w, h, targetW, targetH) in sizes)
            {
                var seed = HashCode.Combine(w, h);
                var pixels = RandomPictures.Noise(w, h, channels, seed);
                var expected = pillow.Resize(pixels, w, h, channels, targetW, targetH, filter);
                worst = Math.Max(worst, Difference(expected, Resample(pixels, w, h, channels, targetW, targetH, filter), $"{w}x{h} to {targetW}x{targetH}, {channels} channels, seed {seed}"));
            }
        }

        output.WriteLine($"filter {(ResampleFilter)filter}: greatest difference {worst}");
        Assert.Equal(0, worst);
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void Resample_RandomSizes_EqualsPillow(int filter)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var (w, h, targetW, targetH) = (random.Next(1, 130), random.Next(1, 130), random.Next(1, 130), random.Next(1, 130));
            var channels = round % 2 == 0 ? 1 : 4;
            var pixels = RandomPictures.Noise(w, h, channels, seed + round);
            var expected = pillow.Resize(pixels, w, h, channels, targetW, targetH, filter);
            var difference = Difference(expected, Resample(pixels, w, h, channels, targetW, targetH, filter), $"{w}x{h} to {targetW}x{targetH}");
            Assert.True(difference == 0, $"{difference} levels: {w}x{h} to {targetW}x{targetH}, {channels} channels, seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("astronaut.png")]
    [InlineData("chelsea.png")]
    [InlineData("coffee.png")]
    [InlineData("rocket.jpg")]
    public void Resample_RealPictures_EqualPillowOnRgb(string name)
    {
        var (width, height, rgb) = pillow.Decode(File.ReadAllBytes(Repository.Shared("data", "images", name)));
        var pixels = Widen(rgb);
        foreach (var filter in Filters)
        {
            foreach (var (targetW, targetH) in ((int, int)[])[(224, 224), (256, (int)(256.0 * height / width)), (width + 37, height * 2), (31, 17)])
            {
                var expected = pillow.Resize(rgb, width, height, 3, targetW, targetH, filter);
                var actual = Narrow(Resample(pixels, width, height, 4, targetW, targetH, filter));
                Assert.Equal(0, Difference(expected, actual, $"{name} {filter}"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void Resample_Window_EqualsThatPartOfTheWhole(int filter)
    {
        foreach (var (targetW, targetH) in ((int, int)[])[(60, 44), (90, 44), (60, 131), (180, 131)])
        {
            var pixels = RandomPictures.Noise(90, 131, 4, 7);
            var whole = Resample(pixels, 90, 131, 4, targetW, targetH, filter);
            var window = new PixelRectangle(11, 7, 33, 29);
            var part = new byte[window.Width * window.Height * 4];
            ImageResampler.Resample(pixels, new(90, 131), 4, new(targetW, targetH), window, (ResampleFilter)filter, part);
            for (var y = 0; y < window.Height; y++)
            {
                var expected = whole.AsSpan((((window.Top + y) * targetW) + window.Left) * 4, window.Width * 4);
                Assert.True(expected.SequenceEqual(part.AsSpan(y * window.Width * 4, window.Width * 4)), $"row {y} of {targetW}x{targetH}");
            }
        }
    }

    [Fact]
    public void Resample_Repeated_AllocatesNothing()
    {
        var pixels = RandomPictures.Noise(640, 480, 4, 1);
        var destination = new byte[224 * 224 * 4];
        void Once() => ImageResampler.Resample(pixels, new(640, 480), 4, new(298, 224), new(37, 0, 224, 224), ResampleFilter.Bicubic, destination);
        Once();
        Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static byte[] Widen(byte[] rgb)
    {
        var pixels = new byte[rgb.Length / 3 * 4];
        for (var i = 0; i < rgb.Length; i++)
        {
            pixels[(i / 3 * 4) + (i % 3)] = rgb[i];
        }

        return pixels;
    }

    internal static byte[] Narrow(ReadOnlySpan<byte> pixels)
    {
        var rgb = new byte[pixels.Length / 4 * 3];
        for (var i = 0; i < rgb.Length; i++)
        {
            rgb[i] = pixels[(i / 3 * 4) + (i % 3)];
        }

        return rgb;
    }

    internal static int Difference(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {expected.Length} bytes expected, {actual.Length} given");
        var worst = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(expected[i] - actual[i]));
        }

        return worst;
    }

    private static byte[] Resample(byte[] pixels, int width, int height, int channels, int targetWidth, int targetHeight, int filter)
    {
        var result = new byte[targetWidth * targetHeight * channels];
        PixelSize target = new(targetWidth, targetHeight);
        ImageResampler.Resample(pixels, new(width, height), channels, target, PixelRectangle.Whole(target), (ResampleFilter)filter, result);
        return result;
    }
}
