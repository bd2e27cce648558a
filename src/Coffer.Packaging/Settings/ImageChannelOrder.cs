namespace Coffer.Packaging;

/// <summary>The order of the colours in a model's input.</summary>
public enum ImageChannelOrder
{
    /// <summary>Red, green, blue: nearly every model.</summary>
    Rgb,

    /// <summary>Blue, green, red: models trained with OpenCV or Caffe.</summary>
    Bgr,

    /// <summary>One channel of luminance.</summary>
    Gray,
}
