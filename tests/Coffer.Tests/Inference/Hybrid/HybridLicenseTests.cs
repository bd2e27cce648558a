using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Vision;
using Hybrid = Coffer.Inference.HybridPredictor<Coffer.Vision.ImageInput, Coffer.Vision.ImageClassifierOptions, Coffer.Vision.ImageClassification>;
using Leg = Coffer.Inference.HybridLeg<Coffer.Inference.IPredictor<Coffer.Vision.ImageInput, Coffer.Vision.ImageClassifierOptions, Coffer.Vision.ImageClassification>>;

namespace Coffer.Tests.Inference;

/// <summary>A call is one unit of the quota, however many sides, retries and hedges it takes.</summary>
public sealed class HybridLicenseTests : IDisposable
{
    private static readonly HybridOptions Cloudy = new() { Mode = InferenceMode.PreferInCloud, RetryDelay = TimeSpan.Zero };

    private readonly TestVendor _vendor = new();
    private readonly RemoteDigits _endpoint = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _endpoint.Dispose();
        _vendor.Dispose();
    }

    [Fact]
    public async Task PredictAsync_RetriedAndFallenBack_CostsOne()
    {
        using var model = await OpenAsync(calls: 2);
        using var local = model.CreateImageClassifier();
        using var remote = model.CreateImageClassifier(_endpoint);
        using var hybrid = new Hybrid(local, remote, Cloudy);
        _endpoint.OnRun = Away;

        for (var call = 1; call <= 2; call++)
        {
            var prediction = await hybrid.PredictAsync(Seven(), cancellationToken: Token);
            Assert.Equal(("seven", ExecutionTarget.Local), (prediction.Value.Top.Label, prediction.Target));
        }

        Assert.Equal(5, _endpoint.Runs);
        await AssertUsedUpAsync(() => hybrid.PredictAsync(Seven(), cancellationToken: Token));
    }

    [Fact]
    public async Task PredictAsync_Hedged_CostsOne()
    {
        using var answer = new ManualResetEventSlim();
        using var second = new RemoteDigits("https://models.example/second");
        using var model = await OpenAsync(calls: 1);
        using var slow = model.CreateImageClassifier(_endpoint);
        using var quick = model.CreateImageClassifier(second);
        using var hybrid = new Hybrid(null, [new Leg(slow), new Leg(quick)], Cloudy with { Mode = InferenceMode.OnlyInCloud, HedgeAfter = TimeSpan.Zero });
        _endpoint.OnRun = () => answer.Wait(Token);
        second.OnRun = () => Assert.True(SpinWait.SpinUntil(() => _endpoint.Runs == 1, TimeSpan.FromSeconds(30)));

        var prediction = await hybrid.PredictAsync(Seven(), cancellationToken: Token);

        answer.Set();
        Assert.Equal(2, prediction.Legs[0].Attempts);
        Assert.Equal((1, 1), (_endpoint.Runs, second.Runs));
        await AssertUsedUpAsync(() => hybrid.PredictAsync(Seven(), cancellationToken: Token));
    }

    [Fact]
    public async Task PredictBatchAsync_FallenBack_CostsItsInputsOnce()
    {
        using var model = await OpenAsync(calls: 6);
        using var local = model.CreateImageClassifier();
        using var remote = model.CreateImageClassifier(_endpoint);
        using var hybrid = new Hybrid(local, remote, Cloudy);
        _endpoint.OnRun = Away;

        Assert.Equal(3, (await hybrid.PredictBatchAsync([Seven(), Seven(), Seven()], cancellationToken: Token)).Count);
        Assert.Equal(3, (await hybrid.PredictBatchAsync([Seven(), Seven(), Seven()], cancellationToken: Token)).Count);

        await AssertUsedUpAsync(() => hybrid.PredictAsync(Seven(), cancellationToken: Token));
    }

    [Fact]
    public async Task PredictAsync_LicenseForOneCallAtATime_FallsBackInItsSeat()
    {
        using var model = await _vendor.OpenAsync(edit: request => RemoteDigits.Licensed()(request) with { Concurrent = 1 });
        using var local = model.CreateImageClassifier();
        using var remote = model.CreateImageClassifier(_endpoint);
        using var hybrid = new Hybrid(local, remote, Cloudy);
        _endpoint.OnRun = Away;

        for (var call = 1; call <= 3; call++)
        {
            Assert.Equal(ExecutionTarget.Local, (await hybrid.PredictAsync(Seven(), cancellationToken: Token)).Target);
        }
    }

    // What an application puts around a model must not make one call of many.
    [Fact]
    public async Task PredictAsync_LegThatPredictsTwice_IsChargedTwice()
    {
        using var model = await OpenAsync(calls: 3);
        using var local = model.CreateImageClassifier();
        using var hybrid = new Hybrid(new Twice(local), null, null);

        await hybrid.PredictAsync(Seven(), cancellationToken: Token);

        await AssertUsedUpAsync(() => hybrid.PredictAsync(Seven(), cancellationToken: Token));
    }

    // What a leg leaves running is a call of its own.
    [Fact]
    public async Task PredictAsync_LegThatGoesOnAfterTheCall_IsChargedForThat()
    {
        using var model = await OpenAsync(calls: 2);
        using var local = model.CreateImageClassifier();
        using var leg = new GoesOn(local);
        using var hybrid = new Hybrid(leg, null, null);

        await hybrid.PredictAsync(Seven(), cancellationToken: Token);
        leg.CallIsOver.SetResult();
        await leg.Later!;

        await AssertUsedUpAsync(() => local.PredictAsync(Seven(), cancellationToken: Token));
    }

    [Fact]
    public async Task PredictAsync_RenewedBetweenTheSides_GoesOnUnderTheRenewal()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle, request => RemoteDigits.Licensed()(request) with { Calls = 1 });
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var local = model.CreateImageClassifier();
        using var remote = model.CreateImageClassifier(_endpoint);
        using var hybrid = new Hybrid(local, remote, Cloudy with { Retries = 0 });
        _endpoint.OnRun = () =>
        {
            model.UpdateLicense(_vendor.Renew(license));
            Away();
        };

        Assert.Equal(ExecutionTarget.Local, (await hybrid.PredictAsync(Seven(), cancellationToken: Token)).Target);
        await AssertUsedUpAsync(() => local.PredictAsync(Seven(), cancellationToken: Token));
    }

    // The renewal takes the device away while the endpoint is asked: the second side is refused, not silently allowed.
    [Fact]
    public async Task PredictAsync_SecondSideNotLicensedAnyMore_Refuses()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle, RemoteDigits.Licensed());
        using var model = await ProtectedModel.OpenAsync(bundle, _vendor.Options(license), Token);
        using var local = model.CreateImageClassifier();
        using var remote = model.CreateImageClassifier(_endpoint);
        using var hybrid = new Hybrid(local, remote, Cloudy with { Retries = 0 });
        _endpoint.OnRun = () =>
        {
            model.UpdateLicense(_vendor.Renew(license, request => request with { Targets = [ExecutionTarget.Remote] }));
            Away();
        };

        var refusal = await Assert.ThrowsAsync<LicenseException>(() => hybrid.PredictAsync(Seven(), cancellationToken: Token));

        Assert.Equal(LicenseError.TargetNotLicensed, refusal.Error);
    }

    private static void Away() => throw new RemoteException(RemoteError.Unreachable, new Uri("https://models.example/v2"), "No way.");

    private static ImageInput Seven() => ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));

    private static async Task AssertUsedUpAsync(Func<Task> call) =>
        Assert.Equal(LicenseError.QuotaExceeded, (await Assert.ThrowsAsync<LicenseException>(call)).Error);

    private Task<ProtectedModel> OpenAsync(int calls) => _vendor.OpenAsync(edit: request => RemoteDigits.Licensed()(request) with { Calls = calls });

    private sealed class GoesOn(ImageClassifier inner) : IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>
    {
        public TaskCompletionSource CallIsOver { get; } = new();

        public Task? Later { get; private set; }

        public async Task<Prediction<ImageClassification>> PredictAsync(ImageInput input, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default)
        {
            Later = LaterAsync(input);
            return await inner.PredictAsync(input, options, cancellationToken);
        }

        public Task<IReadOnlyList<Prediction<ImageClassification>>> PredictBatchAsync(
            IReadOnlyList<ImageInput> inputs, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default) => inner.PredictBatchAsync(inputs, options, cancellationToken);

        public void Dispose()
        {
        }

        private async Task LaterAsync(ImageInput input)
        {
            await CallIsOver.Task;
            await inner.PredictAsync(input, cancellationToken: Token);
        }
    }

    private sealed class Twice(ImageClassifier inner) : IPredictor<ImageInput, ImageClassifierOptions, ImageClassification>
    {
        public async Task<Prediction<ImageClassification>> PredictAsync(ImageInput input, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default)
        {
            await inner.PredictAsync(input, options, cancellationToken);
            return await inner.PredictAsync(input, options, cancellationToken);
        }

        public Task<IReadOnlyList<Prediction<ImageClassification>>> PredictBatchAsync(
            IReadOnlyList<ImageInput> inputs, ImageClassifierOptions? options = null, CancellationToken cancellationToken = default) => inner.PredictBatchAsync(inputs, options, cancellationToken);

        public void Dispose()
        {
        }
    }
}
