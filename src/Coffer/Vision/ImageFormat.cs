namespace Coffer.Vision;

/// <summary>The encoded formats that are understood. Skia knows more; what nobody asked for is not parsed by native code.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    WebP,
    Bmp,
}

internal static class ImageFormats
{
    /// <summary>Tells the format by its first bytes.</summary>
    public static ImageFormat Detect(ReadOnlySpan<byte> encoded) => encoded switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
        _ => ImageFormat.Unknown,
    };
}
