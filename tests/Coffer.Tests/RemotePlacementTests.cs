using Coffer.Bundles;
using Coffer.Testing;
using Coffer.Tests.Inference;
using Coffer.Vision;

namespace Coffer.Tests;

/// <summary>Predictors of a protected model whose graph runs on an endpoint: the license's word on where, what and how often.</summary>
public sealed class RemotePlacementTests : IDisposable
{
    private readonly TestVendor _vendor = new();
    private readonly RemoteDigits _endpoint = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _endpoint.Dispose();
        _vendor.Dispose();
    }

    [Fact]
    public async Task CreateImageClassifier_OnALicensedEndpoint_RunsThere()
    {
        using var model = await _vendor.OpenAsync(edit: RemoteDigits.Licensed());
        using var classifier = model.CreateImageClassifier(_endpoint);

        var prediction = await classifier.PredictAsync(Seven(), cancellationToken: Token);

        Assert.Equal(("seven", ExecutionTarget.Remote, "Test protocol"), (prediction.Value.Top.Label, prediction.Target, prediction.ExecutionProvider));
        Assert.Equal(1, _endpoint.Runs);
        Assert.Throws<NotSupportedException>(() => classifier.Predict(Seven(), cancellationToken: Token));
    }

    [Fact]
    public async Task CreateTensorPredictor_OnALicensedEndpoint_RunsThere()
    {
        using var model = await _vendor.OpenAsync(edit: RemoteDigits.Licensed());
        using var predictor = model.CreateTensorPredictor(_endpoint);

        Assert.Equal(ExecutionTarget.Remote, predictor.Describe().Target);
    }

    [Fact]
    public async Task CreateImageClassifier_EndpointOrTargetNotLicensed_RefusesAtOnce()
    {
        using var elsewhere = new RemoteDigits("https://elsewhere.example/v2");
        using var model = await _vendor.OpenAsync(edit: RemoteDigits.Licensed());
        Assert.Equal(LicenseError.EndpointNotLicensed, Assert.Throws<LicenseException>(() => model.CreateImageClassifier(elsewhere)).Error);

        using var local = await _vendor.OpenAsync();
        Assert.Equal(LicenseError.TargetNotLicensed, Assert.Throws<LicenseException>(() => local.CreateImageClassifier(_endpoint)).Error);
    }

    [Fact]
    public async Task CreateImageClassifier_RemoteOnlyLicense_RunsThereAndNeverHere()
    {
        using var model = await _vendor.OpenAsync(edit: request => RemoteDigits.Licensed()(request) with { Targets = [ExecutionTarget.Remote] });
        using var classifier = model.CreateImageClassifier(_endpoint);

        Assert.Equal("seven", (await classifier.PredictAsync(Seven(), cancellationToken: Token)).Value.Top.Label);
        var refusal = Assert.Throws<LicenseException>(() => model.CreateImageClassifier());
        Assert.Equal(LicenseError.KeyMissing, refusal.Error);
        Assert.Contains("endpoint only", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_RenewalWithoutTheEndpoint_RefusesTheNextCall()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle, RemoteDigits.Licensed());
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var classifier = model.CreateImageClassifier(_endpoint);
        await classifier.PredictAsync(Seven(), cancellationToken: Token);

        model.UpdateLicense(_vendor.Renew(license, request => request with { Remote = new RemoteTerms(["https://elsewhere.example"], []) }));

        Assert.Equal(LicenseError.EndpointNotLicensed, (await Assert.ThrowsAsync<LicenseException>(() => classifier.PredictAsync(Seven(), cancellationToken: Token))).Error);
        Assert.Equal(1, _endpoint.Runs);
    }

    [Fact]
    public async Task PredictAsync_LicenseWantsFacesRemovedAndNobodyDid_RefusesBeforeAnythingLeaves()
    {
        using var model = await _vendor.OpenAsync(edit: RemoteDigits.Licensed(null, "faces"));
        using var classifier = model.CreateImageClassifier(_endpoint);

        var refusal = await Assert.ThrowsAsync<LicenseException>(() => classifier.PredictAsync(Seven(), cancellationToken: Token));

        Assert.Equal(LicenseError.NotDesensitised, refusal.Error);
        Assert.Contains("faces", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, _endpoint.Runs);
    }

    [Fact]
    public async Task PredictAsync_SlowEndpoint_HoldsNoSlotOfTheDevice()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle, RemoteDigits.Licensed())) with { Execution = new() { MaxConcurrency = 1 } };
        using var model = await ProtectedModel.OpenAsync(bundle, options, Token);
        using var remote = model.CreateImageClassifier(_endpoint);
        using var local = model.CreateImageClassifier();
        using var answer = new ManualResetEventSlim();
        _endpoint.OnRun = () => answer.Wait(Token);
        var waiting = remote.PredictAsync(Seven(), cancellationToken: Token);

        Assert.Equal("seven", (await local.PredictAsync(Seven(), cancellationToken: Token)).Value.Top.Label);

        answer.Set();
        await waiting;
    }

    [Fact]
    public async Task GuardRemote_WholeTask_IsChargedAndMarked()
    {
        using var model = await _vendor.OpenAsync(edit: request => RemoteDigits.Licensed()(request) with { Calls = 3, Watermark = "w-7" });
        using var task = new FakePredictor<string, object, string>("answer") { Target = ExecutionTarget.Remote };
        using var guarded = model.GuardRemote(task, _endpoint.Endpoint);

        Assert.Equal("w-7", (await guarded.PredictAsync("a", cancellationToken: Token)).Watermark);
        Assert.Equal(2, (await guarded.PredictBatchAsync(["b", "c"], cancellationToken: Token)).Count);

        Assert.Equal(LicenseError.QuotaExceeded, (await Assert.ThrowsAsync<LicenseException>(() => guarded.PredictAsync("d", cancellationToken: Token))).Error);
        Assert.Equal(["a", "b", "c"], task.Inputs);
        Assert.Throws<LicenseException>(() => model.GuardRemote(task, new Uri("https://elsewhere.example/")));
    }

    private static ImageInput Seven() => ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));
}
