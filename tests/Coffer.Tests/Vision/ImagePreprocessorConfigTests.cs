using System.Text;
using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Tests.Vision;

public sealed class ImagePreprocessorConfigTests
{
    /// <summary>A config, and what becomes of a picture of 500 x 300: resized to, cropped to (w, h; 0 for none), filter.</summary>
    public static TheoryData<string, int, int, int, int, int> Geometries => new()
    {
        { """{"image_processor_type":"ViTImageProcessor","size":{"height":224,"width":224}}""", 224, 224, 0, 0, 2 },
        { """{"feature_extractor_type":"ViTFeatureExtractor","size":384,"resample":2}""", 384, 384, 0, 0, 2 },
        { """{"image_processor_type":"ViTImageProcessorFast","size":{"shortest_edge":200,"longest_edge":300}}""", 300, 180, 0, 0, 2 },
        { """{"image_processor_type":"ViTImageProcessor","size":{"shortest_edge":200,"longest_edge":400}}""", 333, 200, 0, 0, 2 },
        { """{"image_processor_type":"DeiTImageProcessor"}""", 256, 256, 224, 224, 3 },
        { """{"image_processor_type":"BeitImageProcessor","do_center_crop":false,"size":{"height":224,"width":224}}""", 224, 224, 0, 0, 3 },
        { """{"feature_extractor_type":"CLIPFeatureExtractor","size":224,"crop_size":224}""", 373, 224, 224, 224, 3 },
        { """{"image_processor_type":"BitImageProcessor","size":{"shortest_edge":256},"crop_size":{"height":224,"width":200}}""", 426, 256, 200, 224, 3 },
        { """{"feature_extractor_type":"ConvNextFeatureExtractor","size":224,"crop_pct":0.875}""", 426, 256, 224, 224, 3 },
        { """{"image_processor_type":"ConvNextImageProcessor","size":{"shortest_edge":224},"crop_pct":null}""", 426, 256, 224, 224, 3 },
        { """{"image_processor_type":"ConvNextImageProcessor","size":{"shortest_edge":384}}""", 384, 384, 0, 0, 3 },
        { """{"image_processor_type":"ConvNextImageProcessor","size":{"shortest_edge":224},"crop_pct":0.95}""", 391, 235, 224, 224, 3 },
        { """{"image_processor_type":"LevitImageProcessor"}""", 426, 256, 224, 224, 3 },
        { """{"image_processor_type":"PoolFormerImageProcessor"}""", 413, 248, 224, 224, 3 },
        { """{"image_processor_type":"PoolFormerImageProcessor","crop_pct":null}""", 373, 224, 224, 224, 3 },
        { """{"image_processor_type":"PoolFormerImageProcessor","size":{"height":90,"width":180}}""", 200, 100, 224, 224, 3 },
        { """{"image_processor_type":"EfficientNetImageProcessor"}""", 346, 346, 0, 0, 0 },
        { """{"image_processor_type":"MobileNetV2ImageProcessor"}""", 426, 256, 224, 224, 2 },
        { """{"image_processor_type":"MobileViTImageProcessor","size":{"shortest_edge":288}}""", 480, 288, 256, 256, 2 },
        { """{"image_processor_type":"PvtImageProcessor"}""", 224, 224, 0, 0, 2 },
        { """{"image_processor_type":"SiglipImageProcessor"}""", 224, 224, 0, 0, 3 },
        { """{"size":256,"crop_size":224}""", 426, 256, 224, 224, 2 },
        { """{"size":[100,50]}""", 50, 100, 0, 0, 2 },
        { """{"size":256,"default_to_square":true,"resample":5}""", 256, 256, 0, 0, 5 },
        { """{"do_resize":false,"size":256,"do_center_crop":true,"crop_size":100}""", 500, 300, 100, 100, 2 },
        { "{}", 500, 300, 0, 0, 2 },
    };

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Parse_Processor_ResizesAndCropsAsItDoes(string config, int width, int height, int cropWidth, int cropHeight, int filter)
    {
        var settings = ImagePreprocessorTests.Parse(config);
        var size = new PixelSize(500, 300);
        Assert.Equal(new PixelSize(width, height), settings.Resize?.Apply(size) ?? size);
        Assert.Equal(cropWidth == 0 ? null : new PixelSize(cropWidth, cropHeight), settings.Crop);
        Assert.Equal((ResampleFilter)filter, settings.Resample);
    }

    [Fact]
    public void Parse_MobileViT_IsBlueFirstAndNotNormalised()
    {
        var settings = ImagePreprocessorTests.Parse("""{"image_processor_type":"MobileViTImageProcessor"}""");
        Assert.Equal(ChannelOrder.Bgr, settings.ChannelOrder);
        Assert.Empty(settings.Mean);
        Assert.Equal(1 / 255.0, settings.RescaleFactor);
    }

    [Fact]
    public void Parse_FlipAfterNormalising_TurnsMeanToo()
    {
        var settings = ImagePreprocessorTests.Parse("""{"do_flip_channel_order":true,"do_normalize":true,"image_mean":[1,2,3],"image_std":[4,5,6]}""");
        Assert.Equal(ChannelOrder.Bgr, settings.ChannelOrder);
        Assert.Equal([3f, 2f, 1f], settings.Mean);
        Assert.Equal([6f, 5f, 4f], settings.Deviation);
    }

    [Fact]
    public void Parse_HarmlessKeys_AreIgnored() => _ = ImagePreprocessorTests.Parse("""
        {"processor_class":"x","do_convert_rgb":null,"data_format":"channels_first","do_pad":false,"do_reduce_labels":false,"_valid_processor_keys":[],"anything":null}
        """);

    [Theory]
    [InlineData("""{"do_pad":true}""", "do_pad")]
    [InlineData("""{"size_divisor":32}""", "size_divisor")]
    [InlineData("""{"auto_map":{"AutoImageProcessor":"x.Y"}}""", "auto_map")]
    [InlineData("""{"image_processor_type":"SamImageProcessor"}""", "SamImageProcessor")]
    [InlineData("""{"resample":6}""", "resample")]
    [InlineData("""{"resample":"bilinear"}""", "resample")]
    [InlineData("""{"size":0}""", "size")]
    [InlineData("""{"size":20000}""", "size")]
    [InlineData("""{"size":{"longest_edge":400}}""", "size")]
    [InlineData("""{"size":2.5}""", "size")]
    [InlineData("""{"crop_size":{"shortest_edge":400}}""", "crop_size")]
    [InlineData("""{"do_resize":true}""", "size")]
    [InlineData("""{"do_center_crop":true}""", "crop_size")]
    [InlineData("""{"crop_pct":0.9}""", "crop_pct")]
    [InlineData("""{"image_processor_type":"ConvNextImageProcessor","crop_pct":1e-9}""", "crop_pct")]
    [InlineData("""{"do_normalize":true}""", "image_mean")]
    [InlineData("""{"do_normalize":true,"image_mean":[0,0],"image_std":[1,1]}""", "image_mean")]
    [InlineData("""{"do_normalize":true,"image_mean":[0,0,0],"image_std":[1,0,1]}""", "image_std")]
    [InlineData("""{"channel_order":"gray","image_mean":[0,0,0],"image_std":1}""", "image_mean")]
    [InlineData("""{"image_mean":"x","do_normalize":true}""", "image_mean")]
    [InlineData("""{"rescale_factor":1e300}""", "rescale_factor")]
    [InlineData("""{"channel_order":"grb"}""", "channel_order")]
    [InlineData("""{"do_resize":1}""", "do_resize")]
    [InlineData("""{"size":1,"size":2}""", "twice")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    public void Parse_WhatWouldChangeNumbers_IsRefusedByName(string config, string named)
    {
        var refusal = Assert.Throws<InferenceException>(() => ImagePreprocessorTests.Parse(config));
        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TooManyBytes_IsRefused()
    {
        var refusal = Assert.Throws<InferenceException>(() => ImagePreprocessorConfig.Parse(Encoding.UTF8.GetBytes("{" + new string(' ', 2 << 20) + "}")));
        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
    }
}
