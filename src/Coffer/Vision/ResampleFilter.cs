namespace Coffer.Vision;

/// <summary>
/// The filters of Pillow's <c>Image.resize</c>, by the numbers of its <c>Image.Resampling</c>, which <c>preprocessor_config.json</c> has
/// in <c>resample</c>.
/// </summary>
public enum ResampleFilter
{
    /// <summary>The nearest pixel.</summary>
    Nearest = 0,

    /// <summary>Lanczos with three lobes.</summary>
    Lanczos = 1,

    /// <summary>Linear.</summary>
    Bilinear = 2,

    /// <summary>Cubic (Keys, a = -0.5).</summary>
    Bicubic = 3,

    /// <summary>The mean of the pixels covered.</summary>
    Box = 4,

    /// <summary>Hamming window.</summary>
    Hamming = 5,
}
