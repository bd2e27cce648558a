namespace Coffer.Vision;

/// <summary>The order of the colours in a model's input.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue: nearly every model.</summary>
    Rgb,

    /// <summary>Blue, green, red: models trained with OpenCV or Caffe.</summary>
    Bgr,

    /// <summary>One channel of luminance: ITU-R BT.601, as Pillow's mode <c>L</c>.</summary>
    Gray,
}
