namespace Coffer.Vision;

/// <summary>How the pixels of a picture lie in memory: interleaved, one byte a channel, top row first.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue: 3 bytes a pixel.</summary>
    Rgb24,

    /// <summary>Red, green, blue, alpha: 4 bytes a pixel. Alpha is dropped, not blended.</summary>
    Rgba32,

    /// <summary>Blue, green, red: 3 bytes a pixel. What OpenCV has.</summary>
    Bgr24,

    /// <summary>Blue, green, red, alpha: 4 bytes a pixel. Alpha is dropped, not blended. What Windows bitmaps and most cameras have.</summary>
    Bgra32,

    /// <summary>Luminance: 1 byte a pixel.</summary>
    Gray8,
}
