using System.Runtime.InteropServices;
using Coffer.Inference;
using SkiaSharp;

namespace Coffer.Vision;

/// <summary>
/// Finds Skia's native library before a type of Skia is touched: without it, the first touch would die as a
/// <see cref="TypeInitializationException"/> that says nothing, and so would every later one.
/// </summary>
internal static class SkiaNative
{
    private const string Library = "libSkiaSharp";

    private static volatile bool _found;

    /// <exception cref="InferenceException">It is not there (<see cref="InferenceError.RuntimeMissing"/>).</exception>
    public static void Require()
    {
        if (!_found)
        {
            Require(Library);
            _found = true;
        }
    }

    internal static void Require(string library)
    {
        // On Apple's mobile platforms Skia is linked into the application, and there is no library to find.
        if (OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() || OperatingSystem.IsMacCatalyst())
        {
            return;
        }

        if (!NativeLibrary.TryLoad(library, typeof(SKCodec).Assembly, null, out _))
        {
            throw new InferenceException(
                InferenceError.RuntimeMissing,
                $"The native library that decodes pictures ({library}) was not found. Add the package Coffer.Runtime.Cpu or Coffer.Runtime.Gpu to the application.");
        }
    }
}
