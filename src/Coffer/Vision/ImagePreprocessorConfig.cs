using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>
/// Reads <c>preprocessor_config.json</c>: Hugging Face's keys, and <c>channel_order</c> (<c>rgb</c>, <c>bgr</c> or <c>gray</c>;
/// mean and deviation are in that order) beside them. Numbers match transformers' processors that work with Pillow. What is not
/// understood and could change them is refused, by name, rather than ignored.
/// </summary>
internal static class ImagePreprocessorConfig
{
    private const int MaxBytes = 1 << 20;

    // Image-size keys beyond this are a mistake, and would only be allocated for.
    private const int MaxEdge = 1 << 14;

    /// <exception cref="InferenceException">The file is not one that is understood (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static ImagePreprocessorSettings Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonConfig.Open(json, "preprocessor_config.json", MaxBytes);
        var config = document.RootElement;
        RefuseUnknown(config);
        var type = Text(config, "image_processor_type") ?? Text(config, "feature_extractor_type");
        var defaults = type is null ? null : ImageProcessorDefaults.Find(type) ?? throw Refuse(
            $"names the processor '{JsonConfig.Quote(type)}', which is none of {string.Join(", ", ImageProcessorDefaults.All.Select(known => known.Name))}");
        var (order, mean, deviation) = Normalisation(config, defaults);
        return Geometry(config, defaults) with
        {
            Resample = Filter(config, defaults),
            ChannelOrder = order,
            RescaleFactor = Flag(config, "do_rescale", true) ? Number(config, "rescale_factor") ?? 1 / 255.0 : null,
            RescaleOffset = Flag(config, "do_rescale", true) && Flag(config, "rescale_offset", false) ? 1 : 0,
            Mean = mean,
            Deviation = deviation,
            DivideAgain = defaults?.DividesAgain == true && Flag(config, "include_top", true) && deviation.Length > 0,
        };
    }

    private static ImagePreprocessorSettings Geometry(JsonElement config, ImageProcessorDefaults? defaults)
    {
        var size = Size(config, "size", defaults?.Square ?? Flag(config, "default_to_square", false))
            ?? (defaults is null ? null : new SizeConfig(defaults.Size, defaults.Square));
        PixelSize? crop = Flag(config, "do_center_crop", defaults?.Crops ?? Present(config, "crop_size"))
            ? (Size(config, "crop_size", square: true) ?? new SizeConfig(defaults?.Crop ?? throw Refuse("has do_center_crop without crop_size"), true))
                .Exact ?? throw Refuse("has a crop_size that is neither a number nor height and width")
            : null;
        var resizes = Flag(config, "do_resize", defaults is not null || size is not null);
        if (resizes && size is null)
        {
            throw Refuse("has do_resize without size");
        }

        var part = Number(config, "crop_pct") ?? (Present(config, "crop_pct") || !config.TryGetProperty("crop_pct", out _) ? defaults?.CropPart : null);
        if (part is <= 0 or > 1 || (part is not null && defaults?.CropPart is null))
        {
            throw Refuse("has a crop_pct that is not between 0 and 1, or that its processor does not have");
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

    private static ImagePreprocessorSettings ConvNext(SizeConfig size, double part)
    {
        var edge = size.Shortest ?? throw Refuse("has a size without shortest_edge, which its processor needs");
        var square = new PixelSize(edge, edge);
        return edge < 384
            ? new() { Resize = new ResizeRule.Shortest((int)(edge / part)), Crop = square }
            : new() { Resize = new ResizeRule.To(square) };
    }

    private static ResizeRule PoolFormer(SizeConfig size, double part) => size switch
    {
        { Shortest: { } edge } => new ResizeRule.Shortest((int)(edge / part)),
        { Exact: { } exact } when exact.Width == exact.Height => new ResizeRule.Shortest((int)(exact.Width / part)),
        { Exact: { } exact } => new ResizeRule.To(new PixelSize((int)(exact.Width / part), (int)(exact.Height / part))),
        _ => size.Rule,
    };

    private static ImagePreprocessorSettings Perceiver(SizeConfig size, PixelSize? crop)
    {
        var exact = size.Exact ?? throw Refuse("has a size without height and width, which its processor needs");
        return new()
        {
            Resize = new ResizeRule.To(exact),
            CropFirst = crop is { } part ? ((double)exact.Height / part.Height, (double)exact.Width / part.Width) : null,
        };
    }

    private static (ChannelOrder Order, float[] Mean, float[] Deviation) Normalisation(JsonElement config, ImageProcessorDefaults? defaults)
    {
        var order = Text(config, "channel_order") switch
        {
            null or "rgb" => ChannelOrder.Rgb,
            "bgr" => ChannelOrder.Bgr,
            "gray" => ChannelOrder.Gray,
            var other => throw Refuse($"has the channel_order '{JsonConfig.Quote(other)}', which is none of rgb, bgr, gray"),
        };
        var channels = order == ChannelOrder.Gray ? 1 : 3;
        float[] mean = [], deviation = [];
        if (Flag(config, "do_normalize", defaults?.Normalises ?? Present(config, "image_mean")))
        {
            mean = PerChannel(config, "image_mean", channels) ?? DefaultOf(defaults?.Mean, channels, "image_mean");
            deviation = PerChannel(config, "image_std", channels) ?? DefaultOf(defaults?.Deviation, channels, "image_std");
            if (deviation.Contains(0))
            {
                throw Refuse("has a zero in image_std");
            }
        }

        if (order == ChannelOrder.Rgb && Flag(config, "do_flip_channel_order", defaults?.FlipsChannels ?? false))
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

    private static ResampleFilter Filter(JsonElement config, ImageProcessorDefaults? defaults)
    {
        if (!Present(config, "resample"))
        {
            return defaults?.Resample ?? ResampleFilter.Bilinear;
        }

        var value = config.GetProperty("resample");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && Enum.IsDefined((ResampleFilter)number)
            ? (ResampleFilter)number
            : throw Refuse("has a resample that is not one of Pillow's 0 to 5");
    }

    private static SizeConfig? Size(JsonElement config, string name, bool square)
    {
        if (!Present(config, name))
        {
            return null;
        }

        var value = config.GetProperty(name);
        return value.ValueKind switch
        {
            JsonValueKind.Number => new SizeConfig(Edge(value, name), square),
            JsonValueKind.Array when value.GetArrayLength() == 2 => new SizeConfig(new PixelSize(Edge(value[1], name), Edge(value[0], name))),
            JsonValueKind.Object => OfObject(value, name),
            _ => throw Refuse($"has a {name} that is neither a number, a pair nor an object"),
        };
    }

    private static SizeConfig OfObject(JsonElement value, string name)
    {
        var known = value.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(m => m.Name, m => Edge(m.Value, name));
        return known.Keys.Order(StringComparer.Ordinal).ToArray() switch
        {
            ["height", "width"] => new SizeConfig(new PixelSize(known["width"], known["height"])),
            ["shortest_edge"] => new SizeConfig(known["shortest_edge"], square: false),
            ["longest_edge", "shortest_edge"] => new SizeConfig(new ResizeRule.ShortestWithin(known["shortest_edge"], known["longest_edge"])),
            _ => throw Refuse($"has a {name} with other keys than height and width, shortest_edge, or shortest_edge and longest_edge"),
        };
    }

    private static int Edge(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var edge) && edge is >= 1 and <= MaxEdge
            ? edge
            : throw Refuse($"has a {name} that is not a whole number of pixels from 1 to {MaxEdge}");

    private static float[]? PerChannel(JsonElement config, string name, int channels)
    {
        if (!Present(config, name))
        {
            return null;
        }

        var value = config.GetProperty(name);
        var numbers = value.ValueKind switch
        {
            JsonValueKind.Number => Enumerable.Repeat(Finite(value, name), channels),
            JsonValueKind.Array => value.EnumerateArray().Select(element => Finite(element, name)),
            _ => throw Refuse($"has an {name} that is neither a number nor a list"),
        };
        var result = numbers.Select(number => (float)number).ToArray();
        return result.Length == channels ? result : throw Refuse($"has {result.Length} numbers in {name} for {channels} channels");
    }

    private static double? Number(JsonElement config, string name) => Present(config, name) ? Finite(config.GetProperty(name), name) : null;

    private static double Finite(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && float.IsFinite((float)number)
            ? number
            : throw Refuse($"has a {name} that is not a number");

    private static bool Flag(JsonElement config, string name, bool silent) => !Present(config, name) ? silent : config.GetProperty(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse($"has a {name} that is neither true nor false"),
    };

    private static string? Text(JsonElement config, string name) => !Present(config, name) ? null
        : config.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()
        : throw Refuse($"has a {name} that is not text");

    private static bool Present(JsonElement config, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

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

    private static InferenceException Refuse(string what) => new(
        InferenceError.InvalidSettings,
        $"The model's preprocessor_config.json {what}. Correct the file and pack the model again, or update the SDK.");

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

    /// <summary>A <c>size</c> in one of its spellings.</summary>
    private sealed class SizeConfig
    {
        public SizeConfig(int edge, bool square)
            : this(square ? new ResizeRule.To(new PixelSize(edge, edge)) : new ResizeRule.Shortest(edge))
        {
        }

        public SizeConfig(PixelSize size)
            : this(new ResizeRule.To(size))
        {
        }

        public SizeConfig(ResizeRule rule) => Rule = rule;

        public ResizeRule Rule { get; }

        public PixelSize? Exact => (Rule as ResizeRule.To)?.Size;

        public int? Shortest => (Rule as ResizeRule.Shortest)?.Edge;
    }
}
