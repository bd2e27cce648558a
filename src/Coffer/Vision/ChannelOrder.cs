namespace Coffer.Vision;

/// <summary>The order of the colours in a model's input.</summary>
internal enum ChannelOrder
{
    Rgb,
    Bgr,

    /// <summary>One channel of luminance: ITU-R BT.601, as Pillow's mode <c>L</c>.</summary>
    Gray,
}
