using System.Text.Json;
using Coffer.Vision;

namespace Coffer.Packaging;

/// <summary>
/// Writes <c>preprocessor_config.json</c> with the keys of Hugging Face's image processors, every one that has a meaning, so that no default
/// of a reader applies; and <c>channel_order</c> (<c>rgb</c>, <c>bgr</c>, <c>gray</c>), our one addition.
/// </summary>
internal static class PreprocessorConfig
{
    public const string FileName = "preprocessor_config.json";

    // The most that Coffer's reader takes.
    private const int MaxEdge = 1 << 14;

    /// <exception cref="PackagingException">The options contradict each other or are out of range (<see cref="PackagingError.InvalidSettings"/>).</exception>
    public static ExportedFile Write(ImagePreprocessing options)
    {
        var channels = options.ChannelOrder == ChannelOrder.Gray ? 1 : 3;
        var normalises = options.Mean.Count > 0 || options.StandardDeviation.Count > 0;
        var mean = PerChannel("mean", options.Mean, channels, silent: 0);
        var deviation = PerChannel("standard deviation", options.StandardDeviation, channels, silent: 1);
        Validate(options, deviation);

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            WriteGeometry(json, options);
            json.WriteBoolean("do_rescale", options.Scale is not null);
            if (options.Scale is { } scale)
            {
                json.WriteNumber("rescale_factor", scale);
            }

            json.WriteBoolean("do_normalize", normalises);
            if (normalises)
            {
                WriteNumbers(json, "image_mean", mean);
                WriteNumbers(json, "image_std", deviation);
            }

            json.WriteString("channel_order", options.ChannelOrder switch
            {
                ChannelOrder.Bgr => "bgr",
                ChannelOrder.Gray => "gray",
                _ => "rgb",
            });
            json.WriteEndObject();
        }

        return new ExportedFile(FileName, bytes.ToArray());
    }

    private static void Validate(ImagePreprocessing options, double[] deviation)
    {
        Require(options.Size is null || options.ShortestEdge is null, "Give a size or a shortest edge, not both");
        Require(options.ShortestEdge is null or (>= 1 and <= MaxEdge), $"The shortest edge is {options.ShortestEdge}; it must be from 1 to {MaxEdge}");
        Require(Fits(options.Size), $"The size is {options.Size}; both edges must be from 1 to {MaxEdge}");
        Require(Fits(options.Crop), $"The crop is {options.Crop}; both edges must be from 1 to {MaxEdge}");
        Require(Enum.IsDefined(options.Resampling), $"The resampling filter {(int)options.Resampling} is none of Pillow's 0 to 5");
        Require(Enum.IsDefined(options.ChannelOrder), $"The channel order {(int)options.ChannelOrder} is none of RGB, BGR, gray");
        Require(options.Scale is not { } scale || (double.IsFinite(scale) && scale > 0), $"The scale is {options.Scale}; it must be above 0, for example {1 / 255.0}");
        Require(!deviation.Contains(0), "A standard deviation is 0, which would divide by zero");
    }

    private static void WriteGeometry(Utf8JsonWriter json, ImagePreprocessing options)
    {
        json.WriteBoolean("do_resize", options.Size is not null || options.ShortestEdge is not null);
        if (options.Size is { } size)
        {
            WriteSize(json, "size", size);
        }
        else if (options.ShortestEdge is { } edge)
        {
            json.WriteStartObject("size");
            json.WriteNumber("shortest_edge", edge);
            json.WriteEndObject();
        }

        json.WriteNumber("resample", (int)options.Resampling);
        json.WriteBoolean("do_center_crop", options.Crop is not null);
        if (options.Crop is { } crop)
        {
            WriteSize(json, "crop_size", crop);
        }
    }

    private static void WriteSize(Utf8JsonWriter json, string name, ImageSize size)
    {
        json.WriteStartObject(name);
        json.WriteNumber("height", size.Height);
        json.WriteNumber("width", size.Width);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, double[] numbers)
    {
        json.WriteStartArray(name);
        Array.ForEach(numbers, json.WriteNumberValue);
        json.WriteEndArray();
    }

    private static double[] PerChannel(string what, IReadOnlyList<double> numbers, int channels, double silent)
    {
        Require(numbers.Count == 0 || numbers.Count == 1 || numbers.Count == channels, $"There are {numbers.Count} numbers of {what} for {channels} channels");
        Require(numbers.All(double.IsFinite), $"A {what} is not a number");
        return numbers.Count == channels ? [.. numbers] : [.. Enumerable.Repeat(numbers.Count == 1 ? numbers[0] : silent, channels)];
    }

    private static bool Fits(ImageSize? size) => size is null or { Height: >= 1 and <= MaxEdge, Width: >= 1 and <= MaxEdge };

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new PackagingException(PackagingError.InvalidSettings, $"The preprocessing can't be written: {otherwise}.");
        }
    }
}
