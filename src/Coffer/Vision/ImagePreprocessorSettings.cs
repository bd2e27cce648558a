namespace Coffer.Vision;

/// <summary>
/// How pictures become a model's input, step by step: crop (Perceiver only), resize, center crop, rescale, normalise. Parsed
/// from preprocessor_config.json by <see cref="ImagePreprocessorConfig"/>.
/// </summary>
internal sealed record ImagePreprocessorSettings
{
    /// <summary>Null leaves the size alone.</summary>
    public ResizeRule? Resize { get; init; }

    public ResampleFilter Resample { get; init; } = ResampleFilter.Bilinear;

    /// <summary>The middle part that is kept after resizing; null keeps all. Where the picture is smaller, it is padded with black.</summary>
    public PixelSize? Crop { get; init; }

    /// <summary>
    /// Perceiver crops before it resizes, to these parts of the shorter edge; null otherwise. Height and width.
    /// </summary>
    public (double Height, double Width)? CropFirst { get; init; }

    public ChannelOrder ChannelOrder { get; init; } = ChannelOrder.Rgb;

    /// <summary>What a pixel, 0 to 255, is multiplied by; null leaves it.</summary>
    public double? RescaleFactor { get; init; } = 1 / 255.0;

    /// <summary>Subtracted after rescaling: 1 where EfficientNet's processor maps to -1..1.</summary>
    public float RescaleOffset { get; init; }

    /// <summary>Subtracted after that, one a channel in <see cref="ChannelOrder"/>; empty for none.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [];

    /// <summary>What the difference is divided by, one a channel; empty for none.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [];

    /// <summary>Whether it is divided a second time: EfficientNet's <c>include_top</c>.</summary>
    public bool DivideAgain { get; init; }

    /// <summary>Channels of the model's input.</summary>
    public int Channels => ChannelOrder == ChannelOrder.Gray ? 1 : 3;

    /// <summary>Whether pixels reach the model as they are, which a graph with a uint8 input needs.</summary>
    public bool KeepsPixels => RescaleFactor is null && RescaleOffset == 0 && Mean.Count == 0 && Deviation.Count == 0;

    /// <summary>The size of every prepared picture, or null where it depends on the picture.</summary>
    public PixelSize? FixedSize => Crop ?? (Resize as ResizeRule.To)?.Size;
}
