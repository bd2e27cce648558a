using System.Diagnostics.Metrics;
using System.Net;
using Coffer.Bundles;
using Coffer.Vision;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests;

/// <summary>What a license's status, marks and limits do to an open model.</summary>
public sealed class LicenseStateTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly CollectingLogger _logger = new();
    private readonly TestVendor _vendor;
    private readonly StatusRegister _register;

    public LicenseStateTests()
    {
        _vendor = new TestVendor(clock: _clock);
        _register = StatusRegister.Create(_vendor.File("status.json"), "https://licenses.example/status");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task RefreshStatusAsync_LicenseRevokedMeanwhile_RefusesTheNextPrediction()
    {
        using var issuer = _vendor.Keys.OpenIssuerKey();
        using var server = new ListServer(() => _register.Publish(_vendor.Keys.Issuer, issuer, clock: _clock));
        using var client = new HttpClient(server);
        var (bundle, license) = await LicenseAsync();
        using var model = await ProtectedModel.OpenAsync(bundle, Options(license, new StatusLists()), Token);
        using var classifier = model.CreateImageClassifier();
        await model.RefreshStatusAsync(client, Token);
        _ = classifier.Predict(Seven(), cancellationToken: Token);

        _register.Revoke(license.Claims.Status!.Index);
        await model.RefreshStatusAsync(client, Token);
        Assert.Equal(LicenseError.Revoked, Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token)).Error);
    }

    [Fact]
    public async Task Predict_OfflineIntoTheGrace_WarnsOnceAndCounts()
    {
        var states = new List<string>();
        using var meters = Listen(states);
        var (bundle, license) = await LicenseAsync();
        using var model = await ProtectedModel.OpenAsync(bundle, Options(license, new StatusLists()), Token);
        using var classifier = model.CreateImageClassifier();
        _clock.Advance(TimeSpan.FromHours(1));
        _ = classifier.Predict(Seven(), cancellationToken: Token);
        var said = _logger.Text;
        _ = classifier.Predict(Seven(), cancellationToken: Token);

        Assert.Equal(EntitlementState.Grace, model.Entitlement.State);
        Assert.Contains("is in its grace", said, StringComparison.Ordinal);
        Assert.Equal(said, _logger.Text);
        Assert.Contains("current", Snapshot(states));
        Assert.Contains("grace", Snapshot(states));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(LicenseError.OfflineBudgetExceeded, Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token)).Error);
    }

    [Fact]
    public async Task OpenAsync_StatusThatNobodyCanTell_Warns()
    {
        var (bundle, license) = await LicenseAsync(request => request with { Offline = null });
        using var model = await ProtectedModel.OpenAsync(bundle, Options(license, lists: null), Token);
        Assert.Equal(EntitlementState.Advisory, model.Entitlement.State);
        Assert.Contains("No fresh status list", _logger.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => model.RefreshStatusAsync(new HttpClient(), Token));
    }

    [Fact]
    public async Task Predict_LicenseWithAWatermark_CarriesIt()
    {
        var (bundle, license) = await LicenseAsync(request => request with { Watermark = "site-12" });
        using var model = await ProtectedModel.OpenAsync(bundle, Options(license, new StatusLists()), Token);
        using var classifier = model.CreateImageClassifier();
        Assert.Equal("site-12", classifier.Predict(Seven(), cancellationToken: Token).Watermark);
    }

    [Fact]
    public async Task Predict_OneAtOnce_GivesItsSeatBackAlsoWhenItFails()
    {
        var (bundle, license) = await LicenseAsync(request => request with { Concurrent = 1 });
        using var model = await ProtectedModel.OpenAsync(bundle, Options(license, new StatusLists()), Token);
        using var classifier = model.CreateImageClassifier();
        for (var i = 0; i < 3; i++)
        {
            _ = classifier.Predict(Seven(), cancellationToken: Token);
            _ = await classifier.PredictBatchAsync([Seven(), Seven()], cancellationToken: Token);
            Assert.ThrowsAny<CofferException>(() => classifier.Predict(ImageInput.FromBytes("no picture"u8.ToArray()), cancellationToken: Token));
        }

        using (model.Entitlement.Begin(model.Manifest.Task, ExecutionTarget.Local))
        {
            Assert.Equal(LicenseError.ConcurrencyExceeded, Assert.Throws<LicenseException>(() => classifier.Predict(Seven(), cancellationToken: Token)).Error);
        }
    }

    [Fact]
    public async Task OpenAsync_OlderBundle_IsRefusedUnlessTheHostAllowsIt()
    {
        var old = await _vendor.PackAsync(options: TestVendor.DigitsOptions with { Sequence = 1 });
        File.Copy(old, _vendor.File("old.coffer"));
        var bundle = await _vendor.PackAsync(options: TestVendor.DigitsOptions with { Sequence = 2 });
        var options = Options(_vendor.Issue(bundle), lists: null);
        (await ProtectedModel.OpenAsync(bundle, options, Token)).Dispose();

        var e = await Assert.ThrowsAsync<LicenseException>(() => ProtectedModel.OpenAsync(_vendor.File("old.coffer"), options, Token));
        Assert.Equal(LicenseError.BundleRollback, e.Error);
        (await ProtectedModel.OpenAsync(_vendor.File("old.coffer"), options with { AllowOlderBundle = true }, Token)).Dispose();
    }

    private async Task<(string Bundle, License License)> LicenseAsync(Func<LicenseRequest, LicenseRequest>? edit = null)
    {
        var bundle = await _vendor.PackAsync();
        return (bundle, _vendor.Issue(bundle, request =>
        {
            request = request with { Offline = new OfflineTerms(TimeSpan.FromHours(1), TimeSpan.FromHours(1)), Status = _register.Allocate() };
            return edit?.Invoke(request) ?? request;
        }));
    }

    private ModelOptions Options(License license, StatusLists? lists) => _vendor.Options(license) with { StatusLists = lists, Logger = _logger };

    private static ImageInput Seven() => ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png"));

    private static MeterListener Listen(List<string> states)
    {
        var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "coffer.license.states")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (states)
            {
                states.Add((string)tags[0].Value!);
            }
        });
        meters.Start();
        return meters;
    }

    private static List<string> Snapshot(List<string> states)
    {
        lock (states)
        {
            return [.. states];
        }
    }

    private sealed class ListServer(Func<string> list) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(list()) });
    }
}
