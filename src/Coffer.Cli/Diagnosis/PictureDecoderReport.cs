using System.Runtime.InteropServices;
using SkiaSharp;

namespace Coffer.Cli.Diagnosis;

/// <summary>Whether pictures can be decoded here.</summary>
/// <param name="Version">Of the native decoder; null if there is none.</param>
/// <param name="Problem">What is wrong and what to do; null for nothing.</param>
internal sealed record PictureDecoderReport(string? Version, string? Problem)
{
    private const string Library = "libSkiaSharp";

    public static PictureDecoderReport Examine()
    {
        // Probed first: without the library the first touch of a Skia type dies in its static constructor.
        if (!NativeLibrary.TryLoad(Library, typeof(SKCodec).Assembly, null, out _))
        {
            return new PictureDecoderReport(null, $"The native library that decodes pictures ({Library}) was not found. Install the package of the tool for this platform again.");
        }

        return new PictureDecoderReport($"Skia {SkiaSharpVersion.Native}", null);
    }
}
