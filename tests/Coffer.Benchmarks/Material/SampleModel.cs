using Coffer.Bundles;
using Coffer.Packaging;

namespace Coffer.Benchmarks;

/// <summary>A picture classifier that Coffer and a peer run on the same picture.</summary>
internal sealed record SampleModel
{
    public required string Name { get; init; }

    public required string Onnx { get; init; }

    public required string Input { get; init; }

    public required string Output { get; init; }

    public required string Picture { get; init; }

    public required int Edge { get; init; }

    public required double[] Mean { get; init; }

    public required double[] Deviation { get; init; }

    /// <summary>What the packer takes: the model's file, or the folder that it was exported to.</summary>
    public required string Exported { get; init; }

    public string? Labels { get; init; }

    /// <summary>Committed with the repository.</summary>
    public static SampleModel Digits { get; } = new()
    {
        Name = "digits",
        Onnx = Path.Combine(Repository.Digits, "model.onnx"),
        Input = "pixel_values",
        Output = "logits",
        Picture = Path.Combine(Repository.Digits, "pictures", "seven.png"),
        Edge = 32,
        Mean = [0.5],
        Deviation = [0.5],
        Exported = Repository.Digits,
    };

    /// <summary>ImageNet's thousand classes, weights in int8; null where it is not on this machine.</summary>
    public static SampleModel? MobileNet(string skipped)
    {
        const string Folder = "models/mobilenetv2-imagenet/";
        return Repository.Shared(Folder + "mobilenetv2-12-int8.onnx", skipped) is not { } onnx
            || Repository.Shared(Folder + "synset.txt", skipped) is not { } labels
            || Repository.Shared("data/images/chelsea.png", skipped) is not { } picture
            ? null
            : new SampleModel
            {
                Name = "mobilenetv2",
                Onnx = onnx,
                Input = "input",
                Output = "output",
                Picture = picture,
                Edge = 224,
                Mean = [0.485, 0.456, 0.406],
                Deviation = [0.229, 0.224, 0.225],
                Exported = onnx,
                Labels = labels,
            };
    }

    public Task<LicensedBundle> PackAsync(Workplace workplace, PackOptimization optimization = PackOptimization.None) => workplace.PackAsync(Exported, new PackOptions
    {
        Name = optimization == PackOptimization.None ? Name : $"{Name}-{optimization.ToString().ToLowerInvariant()}",
        Optimization = optimization,
        Version = SemanticVersion.Parse("1.0.0"),
        Task = ModelTasks.ImageClassification,
        LabelsPath = Labels,
        Preprocessing = new ImagePreprocessing { ShortestEdge = Edge, Crop = new ImageSize(Edge, Edge), Mean = Mean, StandardDeviation = Deviation },
    });
}
