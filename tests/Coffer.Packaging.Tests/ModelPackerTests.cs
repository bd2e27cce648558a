using Coffer.Bundles;
using Coffer.Packaging;

namespace Coffer.Tests;

public sealed class ModelPackerTests : IDisposable
{
    private static readonly string Digits = Repository.File("samples", "models", "digits");

    private static readonly PackOptions Options = new()
    {
        Name = "digits",
        Version = SemanticVersion.Parse("1.0.0"),
        Task = ModelTasks.ImageClassification,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly KeyFolder _keys;

    public ModelPackerTests() => _keys = KeyFolder.Create(_folder.File("keys"), "acme");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PackAsync_ExportedFolder_GivesAVerifiedBundleAndSaysWhatWasProved()
    {
        var report = await PackAsync(Options);

        using var signed = SignedBundle.Open(_folder.File("out.coffer"));
        using var verified = signed.Verify(TrustStore.FromDirectory(_keys.TrustPath));
        verified.VerifyParts(cancellationToken: Token);
        Assert.Equal(report.ManifestDigest, verified.ManifestDigest);
        Assert.Equal("acme/digits", verified.Manifest.Id);
        Assert.Equal(
            ["settings.json", "files/config.json", "files/preprocessor_config.json", "graphs/model/graph", "graphs/model/weights"],
            verified.Manifest.Parts.Select(part => part.Name));
        var graph = Assert.Single(report.Graphs);
        Assert.True(graph is { Name: "model", WeightsLength: > 300_000, GraphLength: < 10_000, ProvenSamples: > 0 });
    }

    // Nothing of the model may stand in the open: not its weights, not its names, not its labels.
    [Fact]
    public async Task PackAsync_AnyModel_LeavesNoPlaintextInTheFile()
    {
        await PackAsync(Options);
        var bundle = await File.ReadAllBytesAsync(_folder.File("out.coffer"), Token);
        var model = await File.ReadAllBytesAsync(Path.Combine(Digits, "model.onnx"), Token);

        Assert.Equal(-1, bundle.AsSpan().IndexOf("pixel_values"u8));
        Assert.Equal(-1, bundle.AsSpan().IndexOf("seven"u8));
        for (var offset = 0; offset + 64 <= model.Length; offset += 4096)
        {
            Assert.Equal(-1, bundle.AsSpan().IndexOf(model.AsSpan(offset, 64)));
        }
    }

    [Fact]
    public async Task PackAsync_SecondVersionOfAModel_UsesItsContentKeysAgain()
    {
        var first = await PackAsync(Options);
        var second = await PackAsync(Options with { Version = SemanticVersion.Parse("1.0.1") });
        var other = await PackAsync(Options with { Name = "other" });

        Assert.Equal(first.Manifest.KeyIds, second.Manifest.KeyIds);
        Assert.Equal("digits.weights.1", first.Manifest.KeyIds[PartGroup.Weights]);
        Assert.Equal("other.weights.1", other.Manifest.KeyIds[PartGroup.Weights]);
        Assert.Equal(4, _keys.OpenGrants().Count);
    }

    [Theory]
    [InlineData(PackOptimization.Basic)]
    [InlineData(PackOptimization.Extended)]
    public async Task PackAsync_Optimised_SaysHowFarAndWhatItBrought(PackOptimization level)
    {
        var graph = Assert.Single((await PackAsync(Options with { Optimization = level })).Graphs);

        Assert.Equal(level, graph.Optimization);
        Assert.True(graph.ProvenSamples > 0);
        Assert.InRange(graph.GreatestDifference, 0, GraphProofOptions.Default.Tolerance);
        Assert.Equal(level == PackOptimization.Extended ? ["com.microsoft.FusedConv"] : [], graph.RuntimeOperators);
    }

    [Fact]
    public async Task PackAsync_LabelsThatDoNotFit_NamesBothNumbers()
    {
        await File.WriteAllLinesAsync(_folder.File("labels.txt"), ["cat", "dog", "bird"], Token);

        var error = await AssertRefusedAsync(PackagingError.InvalidSettings, Options with { LabelsPath = _folder.File("labels.txt") });

        Assert.Contains("3 labels", error.Message, StringComparison.Ordinal);
        Assert.Contains("10 classes", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("out.coffer")));
    }

    [Fact]
    public async Task PackAsync_ClassifierWithoutPreprocessing_SaysWhatToGive()
    {
        var error = await AssertRefusedAsync(PackagingError.InvalidSettings, Options, Path.Combine(Digits, "model.onnx"));

        Assert.Contains("preprocessor_config.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackAsync_PreprocessingThatDoesNotFitTheGraph_Throws() =>
        await AssertRefusedAsync(PackagingError.InvalidSettings, Options with { Preprocessing = ImagePreprocessing.ImageNet });

    [Fact]
    public async Task PackAsync_UnknownTask_NamesThoseThatThereAre()
    {
        var error = await AssertRefusedAsync(PackagingError.InvalidSettings, Options with { Task = "mind-reading" });

        Assert.Contains("image-classification", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackAsync_ModelThatOnnxRuntimeCannotLoad_ThrowsAndLeavesNothing()
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Digits, "model.onnx"), Token);
        var conv = bytes.AsSpan().IndexOf("Conv"u8);
        "Xonv"u8.CopyTo(bytes.AsSpan(conv));
        await File.WriteAllBytesAsync(_folder.File("broken.onnx"), bytes, Token);

        await AssertRefusedAsync(PackagingError.NotRunnable, Options with { Task = ModelTasks.Tensors }, _folder.File("broken.onnx"));

        Assert.False(File.Exists(_folder.File("out.coffer")));
    }

    [Fact]
    public async Task PackAsync_NotAModel_Throws()
    {
        await File.WriteAllTextAsync(_folder.File("not.onnx"), "hello", Token);

        await AssertRefusedAsync(PackagingError.NotAnOnnxModel, Options with { Task = ModelTasks.Tensors }, _folder.File("not.onnx"));
        await AssertRefusedAsync(PackagingError.NotFound, Options, _folder.File("nothing"));
    }

    [Fact]
    public async Task PackAsync_Progress_ReachesTheEndOfEachPhase()
    {
        var last = new Dictionary<PackPhase, PackProgress>();
        var progress = new Synchronous(value => last[value.Phase] = value);

        await ModelPacker.PackAsync(Digits, _folder.File("out.coffer"), Options, _keys, progress, cancellationToken: Token);

        Assert.Equal(last[PackPhase.Encrypting].Total, last[PackPhase.Encrypting].Done);
        Assert.True(last[PackPhase.Encrypting].Total > 300_000);
    }

    private Task<PackReport> PackAsync(PackOptions options, string? model = null) =>
        ModelPacker.PackAsync(model ?? Digits, _folder.File("out.coffer"), options, _keys, cancellationToken: Token);

    private async Task<PackagingException> AssertRefusedAsync(PackagingError expected, PackOptions options, string? model = null)
    {
        var error = await Assert.ThrowsAsync<PackagingException>(() => PackAsync(options, model));
        Assert.Equal(expected, error.Error);
        return error;
    }

    private sealed class Synchronous(Action<PackProgress> report) : IProgress<PackProgress>
    {
        public void Report(PackProgress value) => report(value);
    }
}
