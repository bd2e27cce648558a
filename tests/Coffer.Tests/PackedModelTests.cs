using Coffer.Packaging;
using Coffer.Tensors;
using Coffer.Tests.Onnx;
using Coffer.Vision;

namespace Coffer.Tests;

/// <summary>Models and inputs that nobody here made, through an encrypted, signed, licensed bundle.</summary>
public sealed class PackedModelTests : IDisposable
{
    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Theory]
    [InlineData("hotdog.jpg", "hotdog", ImageDecoding.Exact)]
    [InlineData("chelsea.png", "Egyptian cat", ImageDecoding.Exact)]
    [InlineData("hotdog.jpg", "hotdog", ImageDecoding.Scaled)]
    [InlineData("chelsea.png", "Egyptian cat", ImageDecoding.Scaled)]
    public async Task Predict_MobileNetOnAPicture_PutsTheRightClassFirst(string picture, string label, ImageDecoding decoding)
    {
        var bundle = await _vendor.PackAsync(Repository.Shared("models", "mobilenetv2-imagenet", "mobilenetv2-12-int8.onnx"), new PackOptions
        {
            Name = "mobilenet",
            Version = Bundles.SemanticVersion.Parse("1.0.0"),
            Task = ModelTasks.ImageClassification,
            LabelsPath = Repository.Shared("models", "mobilenetv2-imagenet", "synset.txt"),
            Preprocessing = ImagePreprocessing.ImageNet,
        });
        using var model = await _vendor.OpenAsync(bundle);
        using var classifier = model.CreateImageClassifier();

        var prediction = classifier.Predict(ImageInput.FromFile(Repository.Shared("data", "images", picture)), new() { Decoding = decoding }, Token);

        Assert.StartsWith(label, prediction.Value.Top.Label, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Predict_MnistOnItsRecordedInput_GivesItsRecordedOutput(int set)
    {
        var bundle = await _vendor.PackAsync(Repository.Shared("models", "mnist", "mnist-8.onnx"), new PackOptions
        {
            Name = "mnist",
            Version = Bundles.SemanticVersion.Parse("8.0.0"),
            Task = ModelTasks.Tensors,
        });
        using var model = await _vendor.OpenAsync(bundle);
        using var predictor = model.CreateTensorPredictor();
        var signature = predictor.Describe();
        var input = Tensor.Create(RecordedTensor.Read(Repository.Shared("models", "mnist", $"test_data_set_{set}", "input_0.pb")), 1, 1, 28, 28);
        var expected = RecordedTensor.Read(Repository.Shared("models", "mnist", $"test_data_set_{set}", "output_0.pb"));

        var prediction = predictor.Predict(new Dictionary<string, Tensor> { [signature.Inputs[0].Name] = input }, cancellationToken: Token);

        var output = prediction.Value[signature.Outputs[0].Name];
        Assert.Equal([1, 10], output.Shape);
        Assert.All(expected.Zip(output.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-2f));
    }
}
