using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Tests.Vision;

/// <summary>Pillow's convert("RGB") is the reference.</summary>
public sealed class ImageDecoderTests(PillowReference pillow, ITestOutputHelper output)
{
    private const int Width = 83;
    private const int Height = 61;

    /// <summary>Mode of the source pixels, format, options of the encoder, greatest difference allowed.</summary>
    public static TheoryData<string, string, string, int> Formats => new()
    {
        { "RGB", "JPEG", """{"options":{"quality":90,"subsampling":0}}""", 0 },
        { "RGB", "JPEG", """{"options":{"quality":75,"subsampling":2}}""", 0 },
        { "RGB", "JPEG", """{"options":{"quality":75,"subsampling":1}}""", 0 },
        { "RGB", "JPEG", """{"options":{"quality":80,"progressive":true}}""", 0 },
        { "L", "JPEG", """{"options":{"quality":90}}""", 0 },
        { "CMYK", "JPEG", """{"options":{"quality":95}}""", 1 },
        { "RGB", "PNG", "{}", 0 },
        { "RGBA", "PNG", "{}", 0 },
        { "L", "PNG", "{}", 0 },
        { "LA", "PNG", "{}", 0 },
        { "RGB", "PNG", """{"convert":"P"}""", 0 },
        { "RGB", "PNG", """{"convert":"P","transparency":3}""", 0 },
        { "RGB", "PNG", """{"convert":"1"}""", 0 },
        { "RGB", "PNG", """{"transparency":[128,128,128]}""", 0 },
        { "RGB", "PNG", """{"gamma":100000}""", 0 },
        { "RGB", "PNG", """{"swappedProfile":true}""", 0 },
        { "RGB", "JPEG", """{"swappedProfile":true}""", 0 },
        { "RGB", "WEBP", """{"swappedProfile":true,"options":{"lossless":true}}""", 0 },
        { "RGB", "WEBP", """{"options":{"quality":80}}""", 0 },
        { "RGB", "WEBP", """{"options":{"lossless":true}}""", 0 },
        { "RGBA", "WEBP", """{"options":{"lossless":true,"exact":true}}""", 0 },
        { "RGBA", "WEBP", """{"options":{"quality":80}}""", 0 },
        { "RGB", "BMP", "{}", 0 },
        { "L", "BMP", "{}", 0 },
        { "RGB", "BMP", """{"convert":"P"}""", 0 },
        { "RGBA", "BMP", "{}", 0 },
    };

    public static TheoryData<string, int> Orientations =>
        [.. from format in (string[])["JPEG", "PNG", "WEBP"] from orientation in Enumerable.Range(1, 8) select (format, orientation)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Decode_Format_EqualsPillow(string mode, string format, string options, int allowed)
    {
        var channels = mode switch { "L" => 1, "LA" => 2, "RGB" => 3, _ => 4 };
        var source = RandomPictures.Smooth(Width, Height, channels, 3);
        var encoded = pillow.Encode(source, Width, Height, mode, format, JsonNode.Parse(options)!.AsObject());
        var difference = DifferenceToPillow(encoded);
        output.WriteLine($"{mode} {format} {options}: greatest difference {difference}");
        Assert.InRange(difference, 0, allowed);
    }

    [Theory]
    [InlineData("astronaut.png")]
    [InlineData("chelsea.png")]
    [InlineData("coffee.png")]
    [InlineData("dog_bicycle_truck.jpg")]
    [InlineData("hotdog.jpg")]
    [InlineData("rocket.jpg")]
    public void Decode_RealPicture_EqualsPillow(string name) =>
        Assert.Equal(0, DifferenceToPillow(File.ReadAllBytes(Repository.Shared("data", "images", name))));

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Decode_ExifOrientation_TurnsUpright(string format, int orientation)
    {
        var more = new JsonObject { ["orientation"] = orientation, ["options"] = new JsonObject { ["lossless"] = true } };
        var encoded = pillow.Encode(RandomPictures.Smooth(Width, Height, 3, 5), Width, Height, "RGB", format, more);
        Assert.Equal(0, DifferenceToPillow(encoded));
    }

    [Fact]
    public void Decode_SixteenBitColour_IsWithinALevelOfPillow()
    {
        var encoded = CraftedPng.Of(Width, Height, bitDepth: 16, colourType: 2, RandomPictures.Noise(Width * 6, Height, 1, 4));
        var difference = DifferenceToPillow(encoded);
        output.WriteLine($"greatest difference {difference}");
        Assert.InRange(difference, 0, 1);
    }

    [Fact]
    public void Decode_SixteenBitGray_IsScaledToEightBits()
    {
        var source = new byte[Width * Height * 2];
        for (var i = 0; i < Width * Height; i++)
        {
            BitConverter.TryWriteBytes(source.AsSpan(i * 2), (ushort)(i * 13));
        }

        using var pixels = Decode(pillow.Encode(source, Width, Height, "I;16", "PNG"));
        for (var i = 0; i < Width * Height; i++)
        {
            Assert.InRange(Math.Abs(pixels.Bytes[i * 4] - (((ushort)(i * 13)) / 257.0)), 0, 1);
        }
    }

    [Theory]
    [InlineData(PixelFormat.Rgb24, 3)]
    [InlineData(PixelFormat.Bgr24, 3)]
    [InlineData(PixelFormat.Rgba32, 4)]
    [InlineData(PixelFormat.Bgra32, 4)]
    [InlineData(PixelFormat.Gray8, 1)]
    public void Decode_RawPixels_ReordersChannelsAndSkipsPadding(PixelFormat format, int channels)
    {
        var stride = (Width * channels) + 5;
        var source = RandomPictures.Noise(stride, Height, 1, 9);
        using var pixels = Decode(ImageInput.FromPixels(source.AsMemory(0, (stride * Height) - 5), Width, Height, format, stride));
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var from = source.AsSpan((y * stride) + (x * channels), channels);
                byte[] expected = format switch
                {
                    PixelFormat.Gray8 => [from[0], from[0], from[0]],
                    PixelFormat.Bgr24 or PixelFormat.Bgra32 => [from[2], from[1], from[0]],
                    _ => [from[0], from[1], from[2]],
                };
                Assert.Equal(expected, pixels.Bytes.Slice(((y * Width) + x) * 4, 3).ToArray());
            }
        }
    }

    [Fact]
    public void Decode_ThirtyThousandPixelsSquare_IsTooLargeWithoutAllocating()
    {
        var encoded = CraftedPng.Claiming(30_000, 30_000);
        _ = Assert.Throws<InputException>(() => Decode(encoded));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var refusal = Assert.Throws<InputException>(() => Decode(encoded));
        Assert.Equal(InputError.TooLarge, refusal.Error);
        Assert.Contains("MaxPixels", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 4 << 20);
    }

    [Fact]
    public void Decode_VeryLongPicture_IsTooLarge() =>
        Assert.Equal(InputError.TooLarge, Assert.Throws<InputException>(() => Decode(CraftedPng.Claiming(100_000, 10))).Error);

    [Fact]
    public void Decode_RawPixelsAboveTheLimit_IsTooLarge()
    {
        var input = ImageInput.FromPixels(new byte[40 * 40], 40, 40, PixelFormat.Gray8, 40);
        Assert.Equal(InputError.TooLarge, Assert.Throws<InputException>(() => Decode(input, new ImageLimits { MaxPixels = 1599 })).Error);
    }

    [Fact]
    public void Decode_NoBytes_IsEmpty() => Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => Decode(Array.Empty<byte>())).Error);

    [Theory]
    [InlineData("GIF89a and more")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("x")]
    public void Decode_NotAPicture_IsUnknownFormat(string text) =>
        Assert.Equal(InputError.UnknownFormat, Assert.Throws<InputException>(() => Decode(System.Text.Encoding.ASCII.GetBytes(text))).Error);

    [Theory]
    [InlineData("JPEG")]
    [InlineData("PNG")]
    [InlineData("WEBP")]
    [InlineData("BMP")]
    public void Decode_CutAnywhere_IsRefused(string format)
    {
        var encoded = pillow.Encode(RandomPictures.Smooth(Width, Height, 3, 11), Width, Height, "RGB", format);
        for (var length = 1; length < encoded.Length - 32; length += Math.Max(1, encoded.Length / 97))
        {
            var refusal = Assert.Throws<InputException>(() => Decode(encoded.AsMemory(0, length)));
            Assert.True(refusal.Error == (length < 12 ? refusal.Error : InputError.Corrupt), $"{format} cut to {length}: {refusal.Error}");
        }
    }

    [Fact]
    public void Decode_DamagedPngOrientation_IsUpright()
    {
        var encoded = pillow.Encode(RandomPictures.Smooth(20, 10, 3, 5), 20, 10, "RGB", "PNG", new JsonObject { ["orientation"] = 6 });
        var exif = encoded.AsSpan().IndexOf("eXIf"u8);
        for (var i = exif - 4; i < exif + 30; i++)
        {
            foreach (var value in (byte[])[0, 0x7F, 0xFF])
            {
                var damaged = (byte[])encoded.Clone();
                damaged[i] = value;
                Assert.True(Enum.IsDefined(PngOrientation.Read(damaged)), $"byte {i} = {value}");
            }
        }

        Assert.Equal(ImageOrientation.RightTop, PngOrientation.Read(encoded));
        Assert.Equal(ImageOrientation.TopLeft, PngOrientation.Read(encoded.AsSpan(0, exif)));
    }

    [Theory]
    [InlineData("JPEG")]
    [InlineData("PNG")]
    [InlineData("WEBP")]
    [InlineData("BMP")]
    public void Decode_RandomDamage_IsDecodedOrRefused(string format)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var encoded = pillow.Encode(RandomPictures.Smooth(Width, Height, 3, 11), Width, Height, "RGB", format);
        for (var round = 0; round < 300; round++)
        {
            var damaged = (byte[])encoded.Clone();
            for (var flips = random.Next(1, 9); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Decode(damaged).Dispose();
            }
            catch (InputException)
            {
                // Either is right; another exception is not.
            }
        }
    }

    [Fact]
    public void Open_MissingFile_IsUnreadableAndNamesNoFile()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.jpg");
        var refusal = Assert.Throws<InputException>(() => Decode(ImageInput.FromFile(path)));
        Assert.Equal(InputError.Unreadable, refusal.Error);
        Assert.DoesNotContain(Path.GetFileName(path), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FileAndStreamAndBytes_GiveTheSamePixels()
    {
        var path = Repository.Shared("data", "images", "chelsea.png");
        using var stream = File.OpenRead(path);
        var fromStream = ImageInput.FromStream(stream);
        using var expected = Decode(File.ReadAllBytes(path));
        foreach (var input in (ImageInput[])[ImageInput.FromFile(path), fromStream, fromStream])
        {
            using var actual = Decode(input);
            Assert.True(expected.Bytes.SequenceEqual(actual.Bytes));
        }
    }

    [Fact]
    public void Open_FileAboveTheLimit_IsTooLarge()
    {
        var path = Repository.Shared("data", "images", "chelsea.png");
        using var stream = File.OpenRead(path);
        foreach (var input in (ImageInput[])[ImageInput.FromFile(path), ImageInput.FromStream(stream), ImageInput.FromBytes(File.ReadAllBytes(path))])
        {
            Assert.Equal(InputError.TooLarge, Assert.Throws<InputException>(() => Decode(input, new ImageLimits { MaxEncodedBytes = 1000 })).Error);
        }
    }

    [Fact]
    public void FromPixels_TooFewBytes_Throws() =>
        Assert.Throws<ArgumentException>(() => ImageInput.FromPixels(new byte[99], 10, 10, PixelFormat.Gray8, 10));

    [Fact]
    public void Require_NativeLibraryMissing_NamesThePackages()
    {
        var missing = Assert.Throws<InferenceException>(() => SkiaNative.Require("libNoSuchLibrary"));
        Assert.Equal(InferenceError.RuntimeMissing, missing.Error);
        Assert.Contains("Coffer.Runtime.Cpu", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Coffer.Runtime.Gpu", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Decode_Scaled_IsTheSmallestEighthThatSuffices(int orientation)
    {
        var encoded = pillow.Encode(RandomPictures.Smooth(800, 600, 3, 2), 800, 600, "RGB", "JPEG", new JsonObject { ["orientation"] = orientation });
        using var data = ImageInput.FromBytes(encoded).Open(ImageLimits.Default);
        using var pixels = ImageDecoder.Decode(data, ImageLimits.Default, size => new PixelSize(size.Width * 3 / 10, size.Height * 3 / 10), out var original);
        Assert.Equal(orientation == 1 ? new PixelSize(800, 600) : new PixelSize(600, 800), original);
        Assert.Equal(orientation == 1 ? new PixelSize(300, 225) : new PixelSize(225, 300), new PixelSize(pixels.Width, pixels.Height));
    }

    private int DifferenceToPillow(byte[] encoded)
    {
        var (width, height, expected) = pillow.Decode(encoded);
        using var pixels = Decode(encoded);
        Assert.Equal((width, height), (pixels.Width, pixels.Height));
        return ImageResamplerTests.Difference(expected, ImageResamplerTests.Narrow(pixels.Bytes), "decoded");
    }

    private static PixelBuffer Decode(ReadOnlyMemory<byte> encoded) => Decode(ImageInput.FromBytes(encoded));

    private static PixelBuffer Decode(ImageInput input, ImageLimits? limits = null)
    {
        using var data = input.Open(limits ?? ImageLimits.Default);
        return ImageDecoder.Decode(data, limits ?? ImageLimits.Default, null, out _);
    }
}
