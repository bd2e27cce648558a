namespace Coffer.Packaging;

/// <summary>The filters for resizing, by the numbers of Pillow's <c>Image.Resampling</c>, which <c>preprocessor_config.json</c> uses.</summary>
public enum ImageResampling
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
