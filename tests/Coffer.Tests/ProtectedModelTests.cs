using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Vision;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests;

public sealed class ProtectedModelTests : IDisposable
{
    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task OpenAsync_DigitsAndTheirPictures_GivesTheReferenceLogits()
    {
        using var model = await _vendor.OpenAsync();
        using var classifier = model.CreateImageClassifier();
        var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(TestVendor.Digits, "pictures", "expected.json"), Token)).RootElement;

        foreach (var picture in expected.EnumerateObject())
        {
            var prediction = classifier.Predict(
                ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", picture.Name)),
                new() { TopK = 10, Scores = ScoreFunction.None },
                Token);

            Assert.Equal(picture.Value.GetProperty("label").GetString(), prediction.Value.Top.Label);
            var logits = picture.Value.GetProperty("logits").EnumerateArray().Select(value => value.GetSingle()).ToList();
            Assert.All(prediction.Value.Classes, score => Assert.Equal(logits[score.Index], score.Score, 0.01f));
        }
    }

    [Fact]
    public async Task Predict_AnyPicture_SaysWhatProducedIt()
    {
        using var model = await _vendor.OpenAsync();
        using var classifier = model.CreateImageClassifier();

        var prediction = classifier.Predict(Seven(), cancellationToken: Token);

        Assert.Equal("seven", prediction.Value.Top.Label);
        Assert.Equal(ExecutionTarget.Local, prediction.Target);
        Assert.Equal("CPU", prediction.ExecutionProvider);
        Assert.Equal(model.ManifestDigest, prediction.ModelDigest);
        Assert.True(prediction.Duration > TimeSpan.Zero);
        Assert.Null(prediction.Fallback);
    }

    [Fact]
    public async Task PredictAsync_ManyThreads_GivesTheNumbersOfOne()
    {
        using var model = await _vendor.OpenAsync();
        using var classifier = model.CreateImageClassifier();
        var alone = classifier.Predict(Seven(), new() { TopK = 10 }, Token);

        var together = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => classifier.PredictAsync(Seven(), new() { TopK = 10 }, Token)));

        Assert.All(together, prediction => Assert.Equal(alone.Value.Classes, prediction.Value.Classes));
    }

    [Fact]
    public async Task CreateTensorPredictor_ModelOfAnotherTask_RunsItsGraph()
    {
        using var model = await _vendor.OpenAsync();
        using var predictor = model.CreateTensorPredictor();

        Assert.Equal("pixel_values float32 [batch, 3, 32, 32]", predictor.Describe().Inputs[0].ToString());
    }

    [Fact]
    public async Task Predict_QuotaUsedUp_Refuses()
    {
        using var model = await _vendor.OpenAsync(edit: request => request with { Calls = 3 });
        using var classifier = model.CreateImageClassifier();
        for (var call = 0; call < 3; call++)
        {
            classifier.Predict(Seven(), cancellationToken: Token);
        }

        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token)).Error);
    }

    // A process that starts again must not start counting again.
    [Fact]
    public async Task OpenAsync_AgainUnderAQuota_GoesOnCounting()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle, request => request with { Calls = 3 }));
        for (var process = 0; process < 3; process++)
        {
            using var model = await ProtectedModel.OpenAsync(bundle, options, Token);
            using var classifier = model.CreateImageClassifier();
            classifier.Predict(Seven(), cancellationToken: Token);
        }

        using var last = await ProtectedModel.OpenAsync(bundle, options, Token);
        using var refusing = last.CreateImageClassifier();
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => refusing.Predict(Seven(), cancellationToken: Token)).Error);
    }

    [Fact]
    public async Task Predict_LicenseExpiresWhileOpen_RefusesTheNextCall()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        using var vendor = new TestVendor(clock: clock);
        using var model = await vendor.OpenAsync(edit: request => request with { Expires = clock.GetUtcNow().AddHours(1) });
        using var classifier = model.CreateImageClassifier();
        classifier.Predict(Seven(), cancellationToken: Token);

        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(LicenseError.Expired, Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token)).Error);
    }

    [Fact]
    public async Task UpdateLicense_RenewalWithMoreCalls_GoesOnWithTheUsageSoFar()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle, request => request with { Calls = 2 });
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var classifier = model.CreateImageClassifier();
        classifier.Predict(Seven(), cancellationToken: Token);
        classifier.Predict(Seven(), cancellationToken: Token);

        model.UpdateLicense(_vendor.Renew(license, request => request with { Calls = 3 }));

        classifier.Predict(Seven(), cancellationToken: Token);
        Assert.Equal(1, model.Entitlement.Sequence);
        Assert.Equal(LicenseError.QuotaExceeded, Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token)).Error);
    }

    [Fact]
    public async Task UpdateLicense_AfterExpiry_TakesEffectWithoutReopening()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        using var vendor = new TestVendor(clock: clock);
        var bundle = await vendor.PackAsync();
        var license = vendor.Issue(bundle, request => request with { Expires = clock.GetUtcNow().AddHours(1) });
        using var model = await ProtectedModel.OpenAsync(bundle, vendor.Options(license), Token);
        using var classifier = model.CreateImageClassifier();
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token));

        model.UpdateLicense(vendor.Renew(license, request => request with { Expires = clock.GetUtcNow().AddHours(1) }));

        Assert.Equal("seven", classifier.Predict(Seven(), cancellationToken: Token).Value.Top.Label);
    }

    [Fact]
    public async Task UpdateLicense_NoRenewalOrARefusedOne_LeavesTheLicenseInForce()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle);
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var classifier = model.CreateImageClassifier();

        AssertError(LicenseError.NotARenewal, license);
        AssertError(LicenseError.NotARenewal, _vendor.Issue(bundle));
        AssertError(LicenseError.TaskNotLicensed, _vendor.Renew(license, request => request with { Tasks = ["translation"] }));
        AssertError(LicenseError.ProviderNotLicensed, _vendor.Renew(license, request => request with { Providers = ["CUDA"] }));

        Assert.Equal(0, model.Entitlement.Sequence);
        classifier.Predict(Seven(), cancellationToken: Token);

        void AssertError(LicenseError expected, License other) =>
            Assert.Equal(expected, Assert.Throws<LicenseException>(() => model.UpdateLicense(other)).Error);
    }

    // Calls that meet the replacement are charged to one of the two licenses, never lost and never refused.
    [Fact]
    public async Task UpdateLicense_WhileCallsRun_RefusesNone()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle, request => request with { Calls = 100_000 });
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var classifier = model.CreateImageClassifier();
        var calls = Enumerable.Range(0, 100).Select(_ => classifier.PredictAsync(Seven(), cancellationToken: Token)).ToList();

        for (var renewal = 0; renewal < 10; renewal++)
        {
            license = _vendor.Renew(license);
            model.UpdateLicense(license);
        }

        Assert.All(await Task.WhenAll(calls), prediction => Assert.Equal("seven", prediction.Value.Top.Label));
        Assert.Equal(10, model.Entitlement.Sequence);
    }

    [Fact]
    public async Task OpenAsync_LicenseRefused_ThrowsWhy()
    {
        var bundle = await _vendor.PackAsync();
        var other = await _vendor.PackAsync(options: TestVendor.DigitsOptions with { Name = "other" });
        using var elsewhere = new TestVendor();
        using var stranger = new TestVendor("stranger");

        await AssertRefusedAsync(LicenseError.ModelNotLicensed, bundle, _vendor.Options(_vendor.Issue(other)));
        await AssertRefusedAsync(LicenseError.DeviceMismatch, bundle, _vendor.Options(_vendor.Issue(bundle, device: elsewhere.Device.Recipient)));
        await AssertRefusedAsync(LicenseError.TaskNotLicensed, bundle, _vendor.Options(_vendor.Issue(bundle, request => request with { Tasks = ["translation"] })));
        await AssertRefusedAsync(LicenseError.ProviderNotLicensed, bundle, _vendor.Options(_vendor.Issue(bundle, request => request with { Providers = ["CUDA"] })));
        await AssertRefusedAsync(LicenseError.AudienceMismatch, bundle, _vendor.Options(_vendor.Issue(bundle, request => request with { Audience = "radiology" })));
        await AssertRefusedAsync(LicenseError.NotYetValid, bundle, _vendor.Options(_vendor.Issue(bundle, request => request with { NotBefore = TimeProvider.System.GetUtcNow().AddDays(1) })));
    }

    // Key rotation: the old license opens the old bundle only; the new one opens the new, with the same model in it.
    [Fact]
    public async Task RekeyAsync_PackedModel_NeedsANewLicenseAndPredictsTheSame()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle);
        var rekeyed = _vendor.File("rekeyed.coffer");

        var manifest = await BundleRekeyer.RekeyAsync(bundle, rekeyed, _vendor.Keys, _vendor.Clock, cancellationToken: Token);

        Assert.Equal("digits.weights.2", manifest.KeyIds[PartGroup.Weights]);
        await AssertRefusedAsync(LicenseError.KeyMissing, rekeyed, _vendor.Options(license));
        using var before = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var after = await ProtectedModel.OpenAsync(rekeyed, _vendor.Options(_vendor.Issue(rekeyed)), Token);
        using var first = before.CreateImageClassifier();
        using var second = after.CreateImageClassifier();
        Assert.Equal(first.Predict(Seven(), cancellationToken: Token).Value.Classes, second.Predict(Seven(), cancellationToken: Token).Value.Classes);
    }

    [Fact]
    public async Task RekeyAsync_BundleOfAnotherPublisher_ThrowsAndMakesNoKeys()
    {
        using var stranger = new TestVendor("stranger");
        var bundle = await stranger.PackAsync();

        var error = await Assert.ThrowsAsync<BundleException>(() => BundleRekeyer.RekeyAsync(bundle, _vendor.File("rekeyed.coffer"), _vendor.Keys, cancellationToken: Token));

        Assert.Equal(BundleError.UntrustedSigner, error.Error);
        Assert.Empty(_vendor.Keys.OpenGrants());
    }

    [Fact]
    public async Task OpenAsync_TargetRemoteOnly_OpensNoWeights()
    {
        using var model = await _vendor.OpenAsync(edit: request => request with { Targets = [ExecutionTarget.Remote] });

        Assert.Equal(LicenseError.KeyMissing, Assert.Throws<LicenseException>(() => model.CreateImageClassifier()).Error);
    }

    [Fact]
    public async Task OpenAsync_BundleTampered_ThrowsBundleException()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle);
        var bytes = await File.ReadAllBytesAsync(bundle, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(bundle, bytes, Token);

        var error = await Assert.ThrowsAsync<BundleException>(() => ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token));

        Assert.Equal((BundleError.PartAltered, BundleSection.Part), (error.Error, error.Section));
    }

    [Fact]
    public async Task CreateImageClassifier_ModelOfAnotherTask_ThrowsInvalidSettings()
    {
        var bundle = await _vendor.PackAsync(Path.Combine(TestVendor.Digits, "model.onnx"), TestVendor.DigitsOptions with { Task = ModelTasks.Tensors });
        using var model = await _vendor.OpenAsync(bundle);

        var error = Assert.Throws<InferenceException>(() => model.CreateImageClassifier());

        Assert.Equal(InferenceError.InvalidSettings, error.Error);
        Assert.Contains("'tensors'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_CancelledBefore_Throws()
    {
        var bundle = await _vendor.PackAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ProtectedModel.OpenAsync(bundle, _vendor.Options(_vendor.Issue(bundle)), cancelled.Token));
    }

    [Fact]
    public async Task Dispose_Model_RefusesLaterCalls()
    {
        var model = await _vendor.OpenAsync();
        using var classifier = model.CreateImageClassifier();

        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => classifier.Predict(Seven(), cancellationToken: Token));
    }

    [Fact]
    public async Task OpenAsync_RequireGpuWhereThereIsNone_ThrowsWithTheReason()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle)) with { Execution = new() { Providers = [ExecutionProvider.Cuda()], RequireGpu = true } };

        var error = await Assert.ThrowsAsync<InferenceException>(() => ProtectedModel.OpenAsync(bundle, options, Token));

        Assert.Equal(InferenceError.ProviderUnavailable, error.Error);
        Assert.Contains("CUDA", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_GpuAskedForWhereThereIsNone_SaysInTheResultThatItFellBack()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle)) with { Execution = new() { Providers = [ExecutionProvider.Cuda(), ExecutionProvider.Cpu] } };
        using var model = await ProtectedModel.OpenAsync(bundle, options, Token);
        using var classifier = model.CreateImageClassifier();

        var prediction = classifier.Predict(Seven(), cancellationToken: Token);

        Assert.Equal(("CPU", "CUDA"), (prediction.ExecutionProvider, prediction.Fallback?.From));
    }

    [Fact]
    public async Task OpenAndPredict_Listened_EmitSpansAndMetrics()
    {
        var spans = new List<string>();
        var metrics = new List<string>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CofferDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => Add(spans, activity.OperationName),
        };
        ActivitySource.AddActivityListener(activities);
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => Listen(instrument, listener) };
        meters.SetMeasurementEventCallback<double>((instrument, _, _, _) => Add(metrics, instrument.Name));
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => Add(metrics, instrument.Name));
        meters.Start();

        using (var model = await _vendor.OpenAsync())
        using (var classifier = model.CreateImageClassifier())
        {
            classifier.Predict(Seven(), cancellationToken: Token);
        }

        Assert.Superset(new HashSet<string> { "coffer.open", "coffer.predict" }, Snapshot(spans));
        Assert.Superset(new HashSet<string> { "coffer.open.duration", "coffer.predict.duration", "coffer.predict.inputs" }, Snapshot(metrics));

        static void Listen(Instrument instrument, MeterListener listener)
        {
            if (instrument.Meter.Name == CofferDiagnostics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        }

        static void Add(List<string> names, string name)
        {
            lock (names)
            {
                names.Add(name);
            }
        }

        static HashSet<string> Snapshot(List<string> names)
        {
            lock (names)
            {
                return [.. names];
            }
        }
    }

    // Nothing of the plaintext may reach the disk while a model is open. (The first opening makes the ledger's lock file.)
    [Fact]
    public async Task OpenAsync_AnyModel_WritesNoFile()
    {
        var bundle = await _vendor.PackAsync();
        var options = _vendor.Options(_vendor.Issue(bundle));
        (await ProtectedModel.OpenAsync(bundle, options, Token)).Dispose();
        var before = Directory.GetFiles(Path.GetDirectoryName(bundle)!, "*", SearchOption.AllDirectories);

        using var model = await ProtectedModel.OpenAsync(bundle, options, Token);
        using var classifier = model.CreateImageClassifier();
        classifier.Predict(Seven(), cancellationToken: Token);

        Assert.Equal(before, Directory.GetFiles(Path.GetDirectoryName(bundle)!, "*", SearchOption.AllDirectories));
    }

    private static ImageInput Seven() => ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));

    private static async Task AssertRefusedAsync(LicenseError expected, string bundle, ModelOptions options) =>
        Assert.Equal(expected, (await Assert.ThrowsAsync<LicenseException>(() => ProtectedModel.OpenAsync(bundle, options, Token))).Error);
}
