using System.Collections.Concurrent;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Packaging;
using Coffer.Vision;

namespace Coffer.Tests;

/// <summary>What opening says of itself, how it is stopped, and what models share.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task OpenAsync_WithProgress_ReportsEveryPhaseInOrderAndAllBytes()
    {
        var bundle = await _vendor.PackAsync();
        var reports = new Reports();
        var options = _vendor.Options(_vendor.Issue(bundle)) with { Progress = reports, Execution = new() { WarmUp = new() { Runs = 2 } } };

        using var model = await ProtectedModel.OpenAsync(bundle, options, Token);

        Assert.Equal(Enum.GetValues<OpenPhase>(), reports.All.Select(report => report.Phase).Distinct());
        var bytes = reports.All.Where(report => report.Phase == OpenPhase.Decrypting).ToList();
        Assert.All(bytes, report => Assert.Equal(model.Manifest.Parts.Where(part => part.Group == PartGroup.Weights).Sum(part => part.Length), report.TotalBytes));
        Assert.Equal(bytes[0].TotalBytes, bytes.Max(report => report.Bytes));
    }

    [Theory]
    [InlineData(OpenPhase.Authorizing)]
    [InlineData(OpenPhase.Decrypting)]
    [InlineData(OpenPhase.Loading)]
    [InlineData(OpenPhase.WarmingUp)]
    public async Task OpenAsync_CancelledInAPhase_Stops(OpenPhase phase)
    {
        var bundle = await _vendor.PackAsync();
        using var stop = new CancellationTokenSource();
        var options = _vendor.Options(_vendor.Issue(bundle)) with
        {
            Progress = new Reports(report => (report.Phase == phase ? stop : null)?.Cancel()),
            Execution = new() { WarmUp = new() },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ProtectedModel.OpenAsync(bundle, options, stop.Token));

        using var model = await ProtectedModel.OpenAsync(bundle, options with { Progress = null }, Token);
    }

    [Fact]
    public async Task OpenAsync_WarmUp_IsChargedToNoQuota()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle, request => request with { Calls = 1 })) with { Execution = new() { WarmUp = new() { Runs = 3, Dimensions = new Dictionary<string, long> { ["batch"] = 4 } } } };
        using var model = await ProtectedModel.OpenAsync(bundle, options, Token);
        using var classifier = model.CreateImageClassifier();

        Assert.Equal("seven", classifier.Predict(Seven(), cancellationToken: Token).Value.Top.Label);
    }

    [Fact]
    public async Task OpenAsync_WarmUpOfNoRuns_IsRefused()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle)) with { Execution = new() { WarmUp = new() { Runs = 0 } } };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ProtectedModel.OpenAsync(bundle, options, Token));
    }

    [Fact]
    public void Load_WarmUpThatTheModelDoesNotTake_SaysWhatToName()
    {
        var graph = Onnx.TestGraph.Runner(Onnx.TinyModel.Create(
            [Onnx.TinyModel.Node("Add", "a b", "y")],
            [Onnx.TinyModel.Value("a", Onnx.TinyModel.FloatType, "n"), Onnx.TinyModel.Value("b", Onnx.TinyModel.FloatType, 3)],
            [Onnx.TinyModel.Value("y", Onnx.TinyModel.FloatType, 3)]),
            new() { WarmUp = new() { Dimensions = new Dictionary<string, long> { ["n"] = 2 } } });
        using var runner = graph;

        var refused = Assert.Throws<InferenceException>(() => runner.Load("model", default));

        Assert.Contains("WarmUp.Dimensions", refused.Message, StringComparison.Ordinal);
    }

    // Of the sizes that n could have, the graph takes 32 alone; the packer found that out.
    [Fact]
    public async Task OpenAsync_WarmUpOfFreeDimensions_TakesTheSizesThatThePackerRan()
    {
        var model = _vendor.File("product.onnx");
        await File.WriteAllBytesAsync(
            model,
            Onnx.TinyModel.Create(
                [Onnx.TinyModel.Node("MatMul", "a b", "y")],
                [Onnx.TinyModel.Value("a", Onnx.TinyModel.FloatType, "rows", "n"), Onnx.TinyModel.Value("b", Onnx.TinyModel.FloatType, 32, 4)],
                [Onnx.TinyModel.Value("y", Onnx.TinyModel.FloatType, "rows", 4)]),
            Token);
        var bundle = await _vendor.PackAsync(model, new PackOptions { Name = "product", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors });

        using var opened = await ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle)) with { Execution = new() { WarmUp = new() } }, Token);

        var other = _vendor.Options(_vendor.Issue(bundle)) with { Execution = new() { WarmUp = new() { Dimensions = new Dictionary<string, long> { ["n"] = 7 } } } };
        var refused = await Assert.ThrowsAsync<InferenceException>(() => ProtectedModel.OpenAsync(bundle, other, Token));
        Assert.Contains("'a' [32, 7]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_TwoModelsOfOnePool_ShareTheSessionAndKeepTheirLicenses()
    {
        var bundle = await _vendor.PackAsync();
        var pool = new SessionPool();
        var one = await ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle, request => request with { Calls = 1 })) with { Sessions = pool }, Token);
        using var other = await ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle)) with { Sessions = pool }, Token);
        using var counted = one.CreateImageClassifier();
        using var free = other.CreateImageClassifier();

        Assert.Same(one.CreateTensorPredictor().Describe(), other.CreateTensorPredictor().Describe());
        Assert.Equal("seven", counted.Predict(Seven(), cancellationToken: Token).Value.Top.Label);
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => counted.Predict(Seven(), cancellationToken: Token)).Error);
        one.Dispose();
        Assert.Equal("seven", free.Predict(Seven(), cancellationToken: Token).Value.Top.Label);
    }

    [Fact]
    public async Task OpenAsync_PoolAndALicenseWithoutTheKey_IsRefused()
    {
        var bundle = await _vendor.PackAsync();
        var pool = new SessionPool();
        using var open = await ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle)) with { Sessions = pool }, Token);
        using var stranger = new TestVendor("acme");

        var refused = await Assert.ThrowsAsync<LicenseException>(() => ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle, device: stranger.Device.Recipient)) with { Sessions = pool }, Token));

        Assert.Equal(LicenseError.DeviceMismatch, refused.Error);
    }

    private static ImageInput Seven() => ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));

    /// <summary>Hears at once, on the thread that reports.</summary>
    private sealed class Reports(Action<OpenProgress>? then = null) : IProgress<OpenProgress>
    {
        public ConcurrentQueue<OpenProgress> All { get; } = [];

        public void Report(OpenProgress value)
        {
            All.Enqueue(value);
            then?.Invoke(value);
        }
    }
}
