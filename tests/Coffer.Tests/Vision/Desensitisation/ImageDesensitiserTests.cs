using System.Text;
using Coffer.Inference;
using Coffer.Text;
using Coffer.Vision;
using SkiaSharp;

namespace Coffer.Tests.Vision;

public sealed class ImageDesensitiserTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RemoveAsync_JpegWithExif_LeavesItsPixelsAlone()
    {
        var jpeg = WithExif(Encoded(SKEncodedImageFormat.Jpeg), "GPS 48.1374 N, photographer Jane Doe");
        Assert.Contains("Jane Doe", Encoding.Latin1.GetString(jpeg), StringComparison.Ordinal);

        var safe = await new ImageDesensitiser<string>().RemoveAsync(ImageInput.FromBytes(jpeg), [], Token);

        using var data = safe.Input.Open(ImageLimits.Default);
        Assert.Equal(new RawPixels(64, 48, PixelFormat.Rgba32, 64 * 4), data.Raw);
        Assert.Equal(64 * 48 * 4, data.Bytes.Length);
        Assert.DoesNotContain("Jane Doe", Encoding.Latin1.GetString(data.Bytes.Span), StringComparison.Ordinal);
        Assert.Equal([RedactionKinds.Metadata], safe.Removed);
        using var original = ImageInput.FromBytes(jpeg).Open(ImageLimits.Default);
        using var pixels = ImageDecoder.Decode(original, ImageLimits.Default, null, out _);
        Assert.Equal(pixels.Bytes, data.Bytes.Span);
    }

    [Fact]
    public async Task RemoveAsync_Face_KeepsThirtySixColoursOfItAndEverythingElse()
    {
        var png = Encoded(SKEncodedImageFormat.Png);
        var desensitiser = new ImageDesensitiser<string>(new Faces(new FaceArea(20, 10, 20, 20)));

        var safe = await desensitiser.RemoveAsync(ImageInput.FromBytes(png), [], Token);

        Assert.Equal(new KeyValuePair<string, int>("faces", 1), Assert.Single(safe.Counts));
        using var before = ImageInput.FromBytes(png).Open(ImageLimits.Default);
        using var pixels = ImageDecoder.Decode(before, ImageLimits.Default, null, out _);
        using var data = safe.Input.Open(ImageLimits.Default);
        var colours = new HashSet<(byte, byte, byte)>();
        for (var y = 0; y < 48; y++)
        {
            for (var x = 0; x < 64; x++)
            {
                var at = ((y * 64) + x) * 4;
                if (x is >= 16 and < 45 && y is >= 6 and < 35)
                {
                    colours.Add((data.Bytes.Span[at], data.Bytes.Span[at + 1], data.Bytes.Span[at + 2]));
                }
                else
                {
                    Assert.True(pixels.Bytes.Slice(at, 3).SequenceEqual(data.Bytes.Span.Slice(at, 3)), $"{x}, {y} changed");
                }
            }
        }

        Assert.InRange(colours.Count, 2, 36);
    }

    [Fact]
    public async Task RemoveAsync_FacesOverTheEdgesOrEmpty_StaysInThePicture()
    {
        var faces = new Faces(new FaceArea(-50, -50, 60, 60), new FaceArea(60, 40, 500, 500), new FaceArea(5, 5, 0, 3), new FaceArea(float.NaN, 1, 2, 3), new FaceArea(1e20f, 0, 1e20f, 1));

        var safe = await new ImageDesensitiser<string>(faces).RemoveAsync(ImageInput.FromBytes(Encoded(SKEncodedImageFormat.Png)), [], Token);

        Assert.Equal(5, safe.Counts["faces"]);
    }

    [Fact]
    public async Task RemoveAsync_NoPicture_ThrowsInputException() =>
        await Assert.ThrowsAsync<InputException>(async () => await new ImageDesensitiser<string>().RemoveAsync(ImageInput.FromBytes("no picture"u8.ToArray()), [], Token));

    [Fact]
    public void Kinds_WithoutAFinder_HaveNoFaces()
    {
        Assert.DoesNotContain(RedactionKinds.Faces, new ImageDesensitiser<string>().Kinds);
        Assert.Contains(RedactionKinds.Faces, new ImageDesensitiser<string>(new Faces()).Kinds);
    }

    // Every pixel its own colour.
    private static byte[] Encoded(SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(64, 48);
        for (var y = 0; y < 48; y++)
        {
            for (var x = 0; x < 64; x++)
            {
                bitmap.SetPixel(x, y, new SKColor((byte)(x * 4), (byte)(y * 5), (byte)((x * 7) ^ (y * 13))));
            }
        }

        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }

    // An APP1 segment behind the start of the picture (Exif 2.32 §4.7.2), with a description (tag 0x010e).
    private static byte[] WithExif(byte[] jpeg, string description)
    {
        var text = Encoding.ASCII.GetBytes(description + "\0");
        byte[] tiff = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x0e, 0x01, 2, 0, (byte)text.Length, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0, .. text];
        byte[] content = [.. "Exif\0\0"u8, .. tiff];
        return [.. jpeg.AsSpan(0, 2), 0xff, 0xe1, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content, .. jpeg.AsSpan(2)];
    }

    private sealed class Faces(params FaceArea[] areas) : IFaceFinder
    {
        public ValueTask<IReadOnlyList<FaceArea>> FindAsync(ImageInput picture, CancellationToken cancellationToken = default) => ValueTask.FromResult<IReadOnlyList<FaceArea>>(areas);
    }
}
