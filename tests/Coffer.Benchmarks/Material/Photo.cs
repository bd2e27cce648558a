using SkiaSharp;

namespace Coffer.Benchmarks;

/// <summary>A picture as a camera would hand it over: a JPEG of 1920 x 1080.</summary>
internal static class Photo
{
    private const int Width = 1920;
    private const int Height = 1080;
    private const int Quality = 90;

    /// <summary>The picture fills the middle, where a classifier looks; stretched, it fills the sides too, so that they cost what a photo's do.</summary>
    public static void Write(string picture, string path)
    {
        using var source = SKImage.FromEncodedData(picture);
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height));
        var sampling = new SKSamplingOptions(SKCubicResampler.Mitchell);
        surface.Canvas.DrawImage(source, new SKRect(0, 0, Width, Height), sampling);
        var width = (float)source.Width * Height / source.Height;
        surface.Canvas.DrawImage(source, SKRect.Create((Width - width) / 2, 0, width, Height), sampling);
        using var photo = surface.Snapshot();
        using var encoded = photo.Encode(SKEncodedImageFormat.Jpeg, Quality);
        using var file = File.Create(path);
        encoded.SaveTo(file);
    }
}
