using System.CommandLine;
using Coffer.Packaging;
using Coffer.Vision;

namespace Coffer.Cli.Commands;

/// <summary>How pictures become a model's input, for models without a <c>preprocessor_config.json</c>.</summary>
internal sealed class PreprocessingOptions
{
    private const string ShortestPrefix = "shortest:";

    private readonly Option<string> _size = new("--size") { Description = "Resize pictures: 224 for a square, HxW, or shortest:256 to keep the proportions.", HelpName = "SIZE" };
    private readonly Option<string> _crop = new("--crop") { Description = "Keep the middle: 224 or HxW.", HelpName = "SIZE" };
    private readonly Option<string> _mean = new("--mean") { Description = "Subtracted after scaling: one number a channel, or one for all.", HelpName = "A,B,C" };
    private readonly Option<string> _deviation = new("--std") { Description = "Divided by after that: one number a channel, or one for all.", HelpName = "A,B,C" };
    private readonly Option<string> _scale = new("--scale") { Description = "What pixels, 0 to 255, are multiplied by, as a number or a fraction. Default: 1/255.", HelpName = "NUMBER" };
    private readonly Option<string> _channelOrder = new("--channel-order") { Description = "rgb, bgr or gray. Default: rgb.", HelpName = "ORDER" };
    private readonly Option<string> _resample = new("--resample") { Description = "nearest, bilinear, bicubic, lanczos, box or hamming, with Pillow's numbers. Default: bilinear.", HelpName = "FILTER" };

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Null if none is given: then the model's own file decides.</summary>
    /// <exception cref="FormatException">A value is not of the form that the option takes.</exception>
    public ImagePreprocessing? Read(ParseResult line)
    {
        if (!All.Any(option => line.GetValue(option) is not null))
        {
            return null;
        }

        var preprocessing = WithSize(new ImagePreprocessing(), line.GetValue(_size)) with
        {
            Crop = line.GetValue(_crop) is { } crop ? Values.Size("--crop", crop) : null,
            Mean = line.GetValue(_mean) is { } mean ? Values.Numbers("--mean", mean) : [],
            StandardDeviation = line.GetValue(_deviation) is { } deviation ? Values.Numbers("--std", deviation) : [],
        };
        if (line.GetValue(_scale) is { } scale)
        {
            preprocessing = preprocessing with { Scale = Values.Number("--scale", scale) };
        }

        if (line.GetValue(_channelOrder) is { } order)
        {
            preprocessing = preprocessing with { ChannelOrder = Values.OneOf("--channel-order", order, ChannelOrders) };
        }

        return line.GetValue(_resample) is { } filter
            ? preprocessing with { Resampling = Values.OneOf("--resample", filter, Filters) }
            : preprocessing;
    }

    private static ImagePreprocessing WithSize(ImagePreprocessing preprocessing, string? size) =>
        size is null ? preprocessing
        : size.StartsWith(ShortestPrefix, StringComparison.Ordinal) ? preprocessing with { ShortestEdge = Values.Edge("--size", size[ShortestPrefix.Length..]) }
        : preprocessing with { Size = Values.Size("--size", size) };

    private Option<string>[] All => [_size, _crop, _mean, _deviation, _scale, _channelOrder, _resample];

    private static readonly (string, ChannelOrder)[] ChannelOrders =
        [("rgb", ChannelOrder.Rgb), ("bgr", ChannelOrder.Bgr), ("gray", ChannelOrder.Gray)];

    private static readonly (string, ResampleFilter)[] Filters =
    [
        ("nearest", ResampleFilter.Nearest),
        ("bilinear", ResampleFilter.Bilinear),
        ("bicubic", ResampleFilter.Bicubic),
        ("lanczos", ResampleFilter.Lanczos),
        ("box", ResampleFilter.Box),
        ("hamming", ResampleFilter.Hamming),
    ];
}
