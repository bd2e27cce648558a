using System.Text.Json;
using Coffer.Inference;
using static Coffer.Vision.PreprocessorConfigReader;

namespace Coffer.Vision;

/// <summary>
/// Reads <c>preprocessor_config.json</c>: Hugging Face's keys, and <c>channel_order</c> (<c>rgb</c>, <c>bgr</c> or <c>gray</c>;
/// mean and deviation are in that order) beside them. Numbers match transformers' processors that work with Pillow. What is not
/// understood and could change them is refused, by name, rather than ignored.
/// </summary>
internal static class ImagePreprocessorConfig
{
    private const int MaxBytes = 1 << 20;

    /// <exception cref="InferenceException">The file is not one that is understood (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static ImagePreprocessorSettings Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonConfig.Open(json, "preprocessor_config.json", MaxBytes);
        RefuseUnknown(document.RootElement);
        var config = new PreprocessorConfigReader(document.RootElement);
        var type = config.Text("image_processor_type") ?? config.Text("feature_extractor_type");
        var defaults = type is null ? null : ImageProcessorDefaults.Find(type) ?? throw Refuse(
            $"names the processor '{JsonConfig.Quote(type)}', which is none of {string.Join(", ", ImageProcessorDefaults.All.Select(known => known.Name))}");
        var (order, mean, deviation) = Normalisation(config, defaults);
        return Geometry(config, defaults) with
        {
            Resample = config.Filter("resample") ?? defaults?.Resample ?? ResampleFilter.Bilinear,
            ChannelOrder = order,
            RescaleFactor = config.Flag("do_rescale", true) ? config.Number("rescale_factor") ?? 1 / 255.0 : null,
            RescaleOffset = config.Flag("do_rescale", true) && config.Flag("rescale_offset", false) ? 1 : 0,
            Mean = mean,
            Deviation = deviation,
            DivideAgain = defaults?.DividesAgain == true && config.Flag("include_top", true) && deviation.Length > 0,
        };
    }

    private static ImagePreprocessorSettings Geometry(PreprocessorConfigReader config, ImageProcessorDefaults? defaults)
    {
        var size = config.Size("size", config.Flag("default_to_square", defaults?.Square ?? false))
            ?? (defaults is null ? null : new ResizeConfig(defaults.Size, defaults.Square));
        PixelSize? crop = config.Flag("do_center_crop", defaults?.Crops ?? config.Present("crop_size"))
            ? (config.Size("crop_size", square: true) ?? new ResizeConfig(defaults?.Crop ?? throw Refuse("has do_center_crop without crop_size"), true))
                .Exact ?? throw Refuse("has a crop_size that is neither a number nor height and width")
            : null;
        var resizes = config.Flag("do_resize", defaults is not null || size is not null);
        if (resizes && size is null)
        {
            throw Refuse("has do_resize without size");
        }

        var part = config.Number("crop_pct") ?? (config.Has("crop_pct") ? null : defaults?.CropPart);
        if (part is < 0.01 or > 1 || (part is not null && defaults?.CropPart is null))
        {
            throw Refuse("has a crop_pct that is not between 0.01 and 1, or that its processor does not have");
        }

        return (resizes, defaults?.Name) switch
        {
            (false, _) => new ImagePreprocessorSettings { Crop = crop },
            // A null crop_pct means the default to ConvNext and none to PoolFormer.
            (true, "ConvNext") => ConvNext(size!, part ?? defaults!.CropPart!.Value),
            (true, "Levit") when size!.Shortest is { } edge => new() { Resize = new ResizeRule.Shortest((int)(256 / 224.0 * edge)), Crop = crop },
            (true, "PoolFormer") when part is not null => new() { Resize = PoolFormer(size!, part.Value), Crop = crop },
            (true, "Perceiver") => Perceiver(size!, crop),
            _ => new ImagePreprocessorSettings { Resize = size!.Rule, Crop = crop },
        };
    }

    private static ImagePreprocessorSettings ConvNext(ResizeConfig size, double part)
    {
        var edge = size.Shortest ?? throw Refuse("has a size without shortest_edge, which its processor needs");
        var square = new PixelSize(edge, edge);
        return edge < 384
            ? new() { Resize = new ResizeRule.Shortest((int)(edge / part)), Crop = square }
            : new() { Resize = new ResizeRule.To(square) };
    }

    private static ResizeRule PoolFormer(ResizeConfig size, double part) => size switch
    {
        { Shortest: { } edge } => new ResizeRule.Shortest((int)(edge / part)),
        { Exact: { } exact } when exact.Width == exact.Height => new ResizeRule.Shortest((int)(exact.Width / part)),
        { Exact: { } exact } => new ResizeRule.To(new PixelSize((int)(exact.Width / part), (int)(exact.Height / part))),
        _ => size.Rule,
    };

    private static ImagePreprocessorSettings Perceiver(ResizeConfig size, PixelSize? crop)
    {
        var exact = size.Exact ?? throw Refuse("has a size without height and width, which its processor needs");
        return new()
        {
            Resize = new ResizeRule.To(exact),
            CropFirst = crop is { } part ? ((double)exact.Height / part.Height, (double)exact.Width / part.Width) : null,
        };
    }

    private static (ChannelOrder Order, float[] Mean, float[] Deviation) Normalisation(PreprocessorConfigReader config, ImageProcessorDefaults? defaults)
    {
        var order = config.Text("channel_order") switch
        {
            null or "rgb" => ChannelOrder.Rgb,
            "bgr" => ChannelOrder.Bgr,
            "gray" => ChannelOrder.Gray,
            var other => throw Refuse($"has the channel_order '{JsonConfig.Quote(other)}', which is none of rgb, bgr, gray"),
        };
        var channels = order == ChannelOrder.Gray ? 1 : 3;
        float[] mean = [], deviation = [];
        if (config.Flag("do_normalize", defaults?.Normalises ?? config.Present("image_mean")))
        {
            mean = config.PerChannel("image_mean", channels) ?? DefaultOf(defaults?.Mean, channels, "image_mean");
            deviation = config.PerChannel("image_std", channels) ?? DefaultOf(defaults?.Deviation, channels, "image_std");
            if (deviation.Contains(0))
            {
                throw Refuse("has a zero in image_std");
            }
        }

        if (order == ChannelOrder.Rgb && config.Flag("do_flip_channel_order", defaults?.FlipsChannels ?? false))
        {
            // The flip comes last, so mean and deviation were in the order before it.
            order = ChannelOrder.Bgr;
            Array.Reverse(mean);
            Array.Reverse(deviation);
        }

        return (order, mean, deviation);
    }

    private static float[] DefaultOf(float[]? values, int channels, string name) =>
        values?.Length == channels ? [.. values] : throw Refuse($"has do_normalize without {name} for each of {channels} channels");

    private static void RefuseUnknown(JsonElement config)
    {
        foreach (var member in config.EnumerateObject())
        {
            var harmless = member.Value.ValueKind == JsonValueKind.Null || Understood.Contains(member.Name) || Harmless.Contains(member.Name)
                || (member.Value.ValueKind == JsonValueKind.False && HarmlessWhenFalse.Contains(member.Name))
                || (member.Value.ValueKind == JsonValueKind.True && member.Name == "antialias");
            if (!harmless)
            {
                throw Refuse($"has the key '{JsonConfig.Quote(member.Name)}', which this SDK does not understand and which may change the numbers");
            }
        }
    }

    private static readonly HashSet<string> Understood =
    [
        "image_processor_type", "feature_extractor_type", "do_resize", "size", "default_to_square", "resample", "do_center_crop", "crop_size", "crop_pct",
        "do_rescale", "rescale_factor", "rescale_offset", "do_normalize", "image_mean", "image_std", "include_top", "do_flip_channel_order",
        "channel_order",
    ];

    // They say where, not what; pictures are always brought to RGB first.
    private static readonly HashSet<string> Harmless =
    [
        "processor_class", "return_tensors", "data_format", "input_data_format", "device", "disable_grouping", "do_convert_rgb", "_valid_processor_keys",
        "transformers_version",
    ];

    private static readonly HashSet<string> HarmlessWhenFalse = ["do_pad", "do_reduce_labels", "reduce_labels", "do_thumbnail", "offset", "do_split_image"];
}
