using System.Text;
using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Tests.Vision;

/// <summary>The recipe of torchvision and transformers, computed by Pillow and numpy, is the reference: every number is equal.</summary>
public sealed class ImagePreprocessorTests(PillowReference pillow)
{
    private const string ImageNet = """
        "do_normalize":true,"image_mean":[0.485,0.456,0.406],"image_std":[0.229,0.224,0.225]
        """;

    /// <summary>preprocessor_config.json, and the same recipe in the reference's words.</summary>
    public static TheoryData<string, string> Recipes => new()
    {
        {
            $$"""{"size":{"shortest_edge":256},"crop_size":224,"resample":2,{{ImageNet}}}""",
            """{"mode":"RGB","shortest":256,"filter":2,"crop":[224,224],"scale":0.00392156862745098,"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}"""
        },
        {
            $$"""{"image_processor_type":"ConvNextImageProcessor","size":{"shortest_edge":224},"crop_pct":0.875,"resample":3,{{ImageNet}}}""",
            """{"mode":"RGB","shortest":256,"filter":3,"crop":[224,224],"scale":0.00392156862745098,"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]}"""
        },
        {
            """{"image_processor_type":"ViTImageProcessor"}""",
            """{"mode":"RGB","width":224,"height":224,"filter":2,"scale":0.00392156862745098,"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5]}"""
        },
        {
            """{"size":{"height":90,"width":170},"resample":1,"do_rescale":true,"rescale_factor":0.00784313725490196,"do_normalize":true,"image_mean":1,"image_std":1}""",
            """{"mode":"RGB","width":170,"height":90,"filter":1,"scale":0.00784313725490196,"mean":[1,1,1],"std":[1,1,1]}"""
        },
        {
            """{"size":60,"crop_size":{"height":81,"width":224},"resample":4,"channel_order":"bgr"}""",
            """{"mode":"RGB","shortest":60,"filter":4,"crop":[81,224],"scale":0.00392156862745098,"bgr":true}"""
        },
        {
            """{"size":{"height":28,"width":28},"resample":2,"do_rescale":false,"channel_order":"gray"}""",
            """{"mode":"L","width":28,"height":28,"filter":2,"scale":1}"""
        },
        {
            """{"size":{"height":31,"width":28},"resample":0,"channel_order":"gray","do_normalize":true,"image_mean":[0.1307],"image_std":[0.3081]}""",
            """{"mode":"L","width":28,"height":31,"filter":0,"scale":0.00392156862745098,"mean":[0.1307],"std":[0.3081]}"""
        },
    };

    [Theory]
    [MemberData(nameof(Recipes))]
    public void Prepare_Recipe_EqualsPillowAndNumpy(string config, string recipe)
    {
        foreach (var name in (string[])["astronaut.png", "chelsea.png", "hotdog.jpg", "rocket.jpg"])
        {
            var encoded = File.ReadAllBytes(Repository.Shared("data", "images", name));
            var expected = pillow.Preprocess(encoded, JsonNode.Parse(recipe)!.AsObject());
            var actual = Run(Parse(config), ImageInput.FromBytes(encoded));
            Assert.Equal(expected.Length, actual.Length);
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{name}: greatest difference {expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max()}");
        }
    }

    [Fact]
    public void Prepare_Portrait_EqualsPillowAndNumpy()
    {
        var encoded = pillow.Encode(RandomPictures.Smooth(201, 333, 3, 8), 201, 333, "RGB", "JPEG", new JsonObject { ["orientation"] = 5 });
        var expected = pillow.Preprocess(encoded, JsonNode.Parse("""{"mode":"RGB","shortest":77,"filter":3,"crop":[64,70],"scale":1}""")!.AsObject());
        Assert.Equal(expected, Run(Parse("""{"size":77,"crop_size":[64,70],"resample":3,"do_rescale":false}"""), ImageInput.FromBytes(encoded)));
    }

    [Fact]
    public void Prepare_ExtremelyLongPicture_CostsOnlyItsCrop()
    {
        var input = ImageInput.FromPixels(RandomPictures.Noise(60_000, 1, 1, 3), 60_000, 1, PixelFormat.Gray8, 60_000);
        using var pixels = new ImagePreprocessor(Parse("""{"size":256,"crop_size":224}""")).Prepare(input, ImageDecoding.Exact, ImageLimits.Default);
        Assert.Equal((224, 224), (pixels.Width, pixels.Height));
    }

    [Fact]
    public void Prepare_ExtremelyLongPictureWithoutCrop_IsUnsuitable()
    {
        var input = ImageInput.FromPixels(new byte[60_000], 60_000, 1, PixelFormat.Gray8, 60_000);
        var refusal = Assert.Throws<InputException>(() => new ImagePreprocessor(Parse("""{"size":256}""")).Prepare(input, ImageDecoding.Exact, ImageLimits.Default));
        Assert.Equal(InputError.Unsuitable, refusal.Error);
    }

    [Fact]
    public void Prepare_NarrowPictureMadeWide_IsUnsuitableBeforeItIsAllocated()
    {
        // Between its passes the resampler would hold 8192 x 60,000 pixels.
        var input = ImageInput.FromPixels(new byte[60_000], 1, 60_000, PixelFormat.Gray8, 1);
        var preprocessor = new ImagePreprocessor(Parse("""{"size":{"height":8192,"width":8192}}"""));
        var refusal = Assert.Throws<InputException>(() => preprocessor.Prepare(input, ImageDecoding.Exact, ImageLimits.Default));
        Assert.Equal(InputError.Unsuitable, refusal.Error);
    }

    [Fact]
    public void Prepare_Scaled_IsCloseToExact()
    {
        var input = ImageInput.FromFile(Repository.Shared("data", "images", "dog_bicycle_truck.jpg"));
        var settings = Parse("""{"size":{"height":100,"width":100},"do_rescale":false}""");
        var (exact, scaled) = (Run(settings, input), Run(settings, input, ImageDecoding.Scaled));
        var difference = exact.Zip(scaled, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(difference, 0.01, 3);
    }

    [Fact]
    public void Prepare_Perceiver_CropsBeforeItResizes()
    {
        // 256 and 224: the middle 7/8 of the shorter edge.
        var pixels = RandomPictures.Noise(160, 80, 3, 6);
        var input = ImageInput.FromPixels(pixels, 160, 80, PixelFormat.Rgb24, 480);
        var middle = ImageInput.FromPixels(pixels.AsMemory((5 * 480) + (45 * 3)), 70, 70, PixelFormat.Rgb24, 480);
        var actual = Run(Parse("""{"image_processor_type":"PerceiverImageProcessor"}"""), input);
        var expected = Run(Parse($$"""{"size":{"height":224,"width":224},"resample":3,{{ImageNet}}}"""), middle);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Table_EfficientNet_DividesTwice()
    {
        var table = new ChannelArithmetic(Parse("""{"image_processor_type":"EfficientNetImageProcessor","image_mean":0.4,"image_std":0.5}"""), 0).Table();
        Assert.Equal((1f - 0.4f) / 0.5f / 0.5f, table[255]);
    }

    [Theory]
    [InlineData("""{"do_rescale":false}""")]
    [InlineData("""{"image_processor_type":"ViTImageProcessor"}""")]
    [InlineData("""{"image_processor_type":"EfficientNetImageProcessor","rescale_offset":true,"rescale_factor":0.00784313725490196}""")]
    [InlineData("""{"rescale_factor":0.017}""")]
    [InlineData("""{"rescale_factor":1e-3,"do_normalize":true,"image_mean":[103.53,0,7],"image_std":[1e-2,57.3,0.3]}""")]
    [InlineData($$"""{{{ImageNet}}}""")]
    [InlineData($$"""{"channel_order":"bgr",{{ImageNet}}}""")]
    public void Write_EveryPixelValue_IsTheSameOnEveryPath(string config)
    {
        var settings = Parse(config);
        using var pixels = new PixelBuffer(257, 3, 4);
        RandomPictures.Noise(257, 3, 4, 1).CopyTo(pixels.Bytes);
        for (var i = 0; i < 256 * 4; i++)
        {
            pixels.Bytes[i] = (byte)(i / 4);
        }

        var area = 257 * 3;
        var (planes, interleaved, halves) = (new float[area * 3], new float[area * 3], new Half[area * 3]);
        var tensor = new PixelTensor(settings);
        tensor.Write(pixels, planes.AsSpan(), interleaved: false);
        tensor.Write(pixels, interleaved.AsSpan(), interleaved: true);
        tensor.Write(pixels, halves.AsSpan(), interleaved: false);
        for (var channel = 0; channel < 3; channel++)
        {
            var arithmetic = new ChannelArithmetic(settings, channel);
            var table = arithmetic.Table();
            for (var i = 0; i < area; i++)
            {
                var expected = table[pixels.Bytes[(i * 4) + arithmetic.Source]];
                Assert.Equal(expected, planes[(channel * area) + i]);
                Assert.Equal(expected, interleaved[(i * 3) + channel]);
                Assert.Equal((Half)expected, halves[(channel * area) + i]);
            }
        }
    }

    [Fact]
    public void Write_Bytes_KeepsPixels()
    {
        using var pixels = new PixelBuffer(5, 2, 4);
        RandomPictures.Noise(5, 2, 4, 1).CopyTo(pixels.Bytes);
        var bytes = new byte[30];
        new PixelTensor(Parse("""{"do_rescale":false}""")).Write(pixels, bytes.AsSpan(), interleaved: true);
        Assert.Equal(ImageResamplerTests.Narrow(pixels.Bytes), bytes);
    }

    internal static ImagePreprocessorSettings Parse(string json) => ImagePreprocessorConfig.Parse(Encoding.UTF8.GetBytes(json));

    private static float[] Run(ImagePreprocessorSettings settings, ImageInput input, ImageDecoding decoding = ImageDecoding.Exact)
    {
        using var pixels = new ImagePreprocessor(settings).Prepare(input, decoding, ImageLimits.Default);
        var tensor = new float[pixels.Width * pixels.Height * settings.Channels];
        new PixelTensor(settings).Write(pixels, tensor.AsSpan(), interleaved: false);
        return tensor;
    }
}
