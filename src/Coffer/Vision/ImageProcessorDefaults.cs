namespace Coffer.Vision;

/// <summary>
/// What an image processor of transformers does where its preprocessor_config.json is silent: the defaults of the class of
/// that name, and what is peculiar to it.
/// </summary>
internal sealed record ImageProcessorDefaults
{
    private static readonly float[] Standard = [0.5f, 0.5f, 0.5f];
    private static readonly float[] ImageNetMean = [0.485f, 0.456f, 0.406f];
    private static readonly float[] ImageNetDeviation = [0.229f, 0.224f, 0.225f];
    private static readonly float[] ClipMean = [0.48145466f, 0.4578275f, 0.40821073f];
    private static readonly float[] ClipDeviation = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>Name of the class without what follows the model's name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether a single number in <c>size</c> means a square; otherwise the shorter edge.</summary>
    public bool Square { get; init; }

    public int Size { get; init; } = 224;

    public ResampleFilter Resample { get; init; } = ResampleFilter.Bicubic;

    public bool Crops { get; init; }

    public int Crop { get; init; } = 224;

    /// <summary>Of the shorter edge; null for none.</summary>
    public double? CropPart { get; init; }

    public bool Normalises { get; init; } = true;

    public float[] Mean { get; init; } = Standard;

    public float[] Deviation { get; init; } = Standard;

    public bool FlipsChannels { get; init; }

    public bool DividesAgain { get; init; }

    /// <summary>The processors for classification, by the name of their class.</summary>
    public static IReadOnlyList<ImageProcessorDefaults> All { get; } =
    [
        new() { Name = "ViT", Square = true, Resample = ResampleFilter.Bilinear },
        new() { Name = "DeiT", Square = true, Size = 256, Crops = true },
        new() { Name = "Beit", Square = true, Size = 256, Crops = true },
        new() { Name = "Bit", Crops = true, Mean = ClipMean, Deviation = ClipDeviation },
        new() { Name = "CLIP", Crops = true, Mean = ClipMean, Deviation = ClipDeviation },
        new() { Name = "ConvNext", Size = 384, CropPart = 224 / 256.0 },
        new() { Name = "EfficientFormer", Square = true, Crops = true, Mean = ImageNetMean, Deviation = ImageNetDeviation },
        new() { Name = "EfficientNet", Square = true, Size = 346, Crop = 289, Resample = ResampleFilter.Nearest, DividesAgain = true },
        new() { Name = "Levit", Crops = true, Mean = ImageNetMean, Deviation = ImageNetDeviation },
        new() { Name = "MobileNetV1", Size = 256, Resample = ResampleFilter.Bilinear, Crops = true },
        new() { Name = "MobileNetV2", Size = 256, Resample = ResampleFilter.Bilinear, Crops = true },
        new() { Name = "MobileViT", Resample = ResampleFilter.Bilinear, Crops = true, Crop = 256, Normalises = false, FlipsChannels = true },
        new() { Name = "Perceiver", Square = true, Crops = true, Crop = 256, Mean = ImageNetMean, Deviation = ImageNetDeviation },
        new() { Name = "PoolFormer", Crops = true, CropPart = 0.9, Mean = ImageNetMean, Deviation = ImageNetDeviation },
        new() { Name = "Pvt", Square = true, Resample = ResampleFilter.Bilinear, Mean = ImageNetMean, Deviation = ImageNetDeviation },
        new() { Name = "Siglip", Square = true },
    ];

    /// <summary>Finds the defaults by <c>image_processor_type</c> or the older <c>feature_extractor_type</c>; null if unknown.</summary>
    public static ImageProcessorDefaults? Find(string type)
    {
        foreach (var suffix in (ReadOnlySpan<string>)["Fast", "Pil", "ImageProcessor", "FeatureExtractor"])
        {
            type = type.EndsWith(suffix, StringComparison.Ordinal) ? type[..^suffix.Length] : type;
        }

        return All.FirstOrDefault(defaults => defaults.Name == type);
    }
}
