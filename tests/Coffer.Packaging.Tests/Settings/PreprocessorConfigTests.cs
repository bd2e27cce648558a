using System.Text;
using System.Text.Json.Nodes;
using Coffer.Vision;

namespace Coffer.Packaging.Tests;

public sealed class PreprocessorConfigTests
{
    [Fact]
    public void Write_ImageNet_HasHuggingFaceKeys() => AssertJson(
        """
        {
          "do_resize": true, "size": { "shortest_edge": 256 }, "resample": 2,
          "do_center_crop": true, "crop_size": { "height": 224, "width": 224 },
          "do_rescale": true, "rescale_factor": 0.00392156862745098,
          "do_normalize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
          "channel_order": "rgb"
        }
        """,
        ImagePreprocessing.ImageNet);

    [Fact]
    public void Write_ExactSizeAndGray_HasOneNumberAChannel() => AssertJson(
        """
        {
          "do_resize": true, "size": { "height": 32, "width": 100 }, "resample": 3, "do_center_crop": false,
          "do_rescale": true, "rescale_factor": 0.5, "do_normalize": true, "image_mean": [0.25], "image_std": [1], "channel_order": "gray"
        }
        """,
        new ImagePreprocessing { Size = new ImageSize(32, 100), Resampling = ResampleFilter.Bicubic, Scale = 0.5, Mean = [0.25], ChannelOrder = ChannelOrder.Gray });

    [Fact]
    public void Write_NothingButBgr_SwitchesEveryStepOff() => AssertJson(
        """{ "do_resize": false, "resample": 2, "do_center_crop": false, "do_rescale": false, "do_normalize": false, "channel_order": "bgr" }""",
        new ImagePreprocessing { Scale = null, ChannelOrder = ChannelOrder.Bgr });

    [Fact]
    public void Write_OneNumberForAllChannels_IsRepeated()
    {
        var json = JsonNode.Parse(PreprocessorConfig.Write(new ImagePreprocessing { StandardDeviation = [0.5] }).Bytes.Span)!;

        Assert.Equal("[0,0,0]", json["image_mean"]!.ToJsonString());
        Assert.Equal("[0.5,0.5,0.5]", json["image_std"]!.ToJsonString());
    }

    public static TheoryData<string> Contradictions => [.. Contradictory.Keys];

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Write_Contradiction_ThrowsInvalidSettings(string which) =>
        Assert.Equal(PackagingError.InvalidSettings, Assert.Throws<PackagingException>(() => PreprocessorConfig.Write(Contradictory[which])).Error);

    private static readonly Dictionary<string, ImagePreprocessing> Contradictory = new()
    {
        ["size and edge"] = new() { Size = new ImageSize(1, 1), ShortestEdge = 1 },
        ["edge 0"] = new() { ShortestEdge = 0 },
        ["size too large"] = new() { Size = new ImageSize(1, 1 << 20) },
        ["crop negative"] = new() { Crop = new ImageSize(-1, 5) },
        ["two means"] = new() { Mean = [1, 2] },
        ["three means for gray"] = new() { Mean = [1, 2, 3], ChannelOrder = ChannelOrder.Gray },
        ["deviation 0"] = new() { StandardDeviation = [1, 0, 1] },
        ["mean NaN"] = new() { Mean = [double.NaN] },
        ["scale 0"] = new() { Scale = 0 },
        ["scale infinite"] = new() { Scale = double.PositiveInfinity },
        ["no such filter"] = new() { Resampling = (ResampleFilter)6 },
        ["no such order"] = new() { ChannelOrder = (ChannelOrder)3 },
    };

    private static void AssertJson(string expected, ImagePreprocessing options)
    {
        var file = PreprocessorConfig.Write(options);

        Assert.Equal("preprocessor_config.json", file.Name);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(file.Bytes.Span)), Encoding.UTF8.GetString(file.Bytes.Span));
    }
}
