using Coffer.Inference;
using Coffer.Vision;

namespace Coffer.Benchmarks;

/// <summary>From a JPEG file of 1920 x 1080 to the best class, against ML.NET and transformers.js with the same file, model and geometry.</summary>
internal static class ClassifyBenchmark
{
    private const string Transformers = "transformers.js";

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        var sample = SampleModel.MobileNet("classifying with mobilenetv2; digits stands in") ?? SampleModel.Digits;
        var photo = workplace.File("photo.jpg");
        Photo.Write(sample.Picture, photo);
        using var bundle = await sample.PackAsync(workplace);
        using var model = bundle.Open();
        using var classifier = model.CreateImageClassifier();
        using var mlNet = new MlNetPeer(sample);
        using var node = NodePeer.Obstacle is null ? NodePeer.ForPictures(sample, workplace) : null;

        var exact = new ImageClassifierOptions { TopK = 1 };
        var scaled = exact with { Decoding = ImageDecoding.Scaled };
        var top = Classify(exact).Value.Top;
        RequireAgreement("ML.NET", mlNet.Classify(photo).Class, top);
        RequireAgreement("Coffer, scaled decoding", Classify(scaled).Value.Top.Index, top);
        if (node is not null)
        {
            RequireAgreement(Transformers, (int)node.Ask(photo)[0], top);
        }

        var samples = Comparison.Sample(
        [
            new Contender("ML.NET", () => mlNet.Classify(photo).Sample),
            new Contender("Coffer, exact", () => Classify(exact)),
            new Contender("Coffer, scaled decoding", () => Classify(scaled)),
            .. node is null ? Array.Empty<Contender>() : [new Contender(Transformers, () => new Sample(node.Ask(photo)[1], 0))],
        ],
            scale.Rounds);
        var rows = Comparison.Against(samples, peer: 0);
        MarkdownTable.Print($"classify a 1080p JPEG, {sample.Name}: {top.Label}", rows);
        var what = $"1080p JPEG to top-1, {sample.Name}";
        var (ofExact, ofScaled) = ($"{what}, exact", $"{what}, scaled decoding");
        List<Bar> bars = [Bar.AtLeast(ofExact, rows[0], rows[1], 1.5), Bar.AtLeast(ofScaled, rows[0], rows[2], 1.5)];
        if (node is null)
        {
            return [.. bars, Bar.NotMeasured(ofScaled, Transformers, ">= 3.00x", NodePeer.Obstacle!)];
        }

        rows = Comparison.Against(samples, peer: 3);
        return [.. bars, Bar.AtLeast(ofExact, rows[3], rows[1], 3), Bar.AtLeast(ofScaled, rows[3], rows[2], 3)];

        Inference.Prediction<ImageClassification> Classify(ImageClassifierOptions options) => classifier.Predict(ImageInput.FromFile(photo), options);
    }

    private static void RequireAgreement(string name, int found, ClassScore top)
    {
        if (found != top.Index)
        {
            throw new InvalidOperationException($"{name} finds class {found} and Coffer {top.Index} ({top.Label}): they do not do the same work.");
        }
    }
}
