namespace Coffer.Vision;

/// <summary>The kernels of <see cref="ResampleFilter"/>.</summary>
internal static class ResampleFilters
{
    /// <summary>Half the width of the filter in source pixels, at scale 1.</summary>
    public static double Support(this ResampleFilter filter) => filter switch
    {
        ResampleFilter.Box => 0.5,
        ResampleFilter.Bilinear or ResampleFilter.Hamming => 1,
        ResampleFilter.Bicubic => 2,
        ResampleFilter.Lanczos => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    /// <summary>The filter's weight at a distance of <paramref name="x"/> source pixels, at scale 1.</summary>
    public static double Weight(this ResampleFilter filter, double x) => filter switch
    {
        // Half open, so that a pixel on a border counts once.
        ResampleFilter.Box => x is > -0.5 and <= 0.5 ? 1 : 0,
        ResampleFilter.Bilinear => Math.Max(0, 1 - Math.Abs(x)),
        ResampleFilter.Hamming => Hamming(Math.Abs(x)),
        ResampleFilter.Bicubic => Bicubic(Math.Abs(x)),
        ResampleFilter.Lanczos => x is >= -3 and < 3 ? Sinc(x) * Sinc(x / 3) : 0,
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };

    // A sinc under a Hamming window. Pillow's window has single-precision constants.
    private static double Hamming(double x) => x >= 1 ? 0 : Sinc(x) * (0.54f + (0.46f * Math.Cos(x * Math.PI)));

    // R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -0.5.
    private static double Bicubic(double x)
    {
        const double A = -0.5;
        return x switch
        {
            < 1 => ((((A + 2) * x) - (A + 3)) * x * x) + 1,
            < 2 => ((((x - 5) * x) + 8) * x - 4) * A,
            _ => 0,
        };
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
