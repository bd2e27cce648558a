using Coffer.Vision;

namespace Coffer.Packaging;

/// <summary>
/// How pictures become a model's input, for models that carry no <c>preprocessor_config.json</c>. The steps run in the order of the
/// properties. Immutable; edit with <c>with</c>.
/// </summary>
public sealed record ImagePreprocessing
{
    /// <summary>
    /// ImageNet's usual one: the shorter edge to 256, the middle 224 x 224, mean 0.485, 0.456, 0.406 and deviation 0.229, 0.224, 0.225
    /// (torchvision's reference for its classification models).
    /// </summary>
    public static ImagePreprocessing ImageNet { get; } = new()
    {
        ShortestEdge = 256,
        Crop = new ImageSize(224, 224),
        Mean = [0.485, 0.456, 0.406],
        StandardDeviation = [0.229, 0.224, 0.225],
    };

    /// <summary>Resize to exactly this, whatever the picture's proportions. Default null. Excludes <see cref="ShortestEdge"/>.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Resize so that the shorter edge has this many pixels and the proportions stay. Default null: together with no
    /// <see cref="Size"/>, pictures are not resized.</summary>
    public int? ShortestEdge { get; init; }

    /// <summary>The filter for resizing. Default bilinear.</summary>
    public ResampleFilter Resampling { get; init; } = ResampleFilter.Bilinear;

    /// <summary>The middle part that is kept. Default null: all.</summary>
    public ImageSize? Crop { get; init; }

    /// <summary>What pixels, 0 to 255, are multiplied by. Default 1/255; null leaves them.</summary>
    public double? Scale { get; init; } = 1 / 255.0;

    /// <summary>Subtracted after scaling, one number a channel in <see cref="ChannelOrder"/>, or one for all. Default empty: nothing.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [];

    /// <summary>Divided by after that, one number a channel, or one for all. Default empty: nothing.</summary>
    public IReadOnlyList<double> StandardDeviation { get; init; } = [];

    /// <summary>The order of the channels. Default RGB.</summary>
    public ChannelOrder ChannelOrder { get; init; }
}
