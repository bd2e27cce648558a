using Coffer.Bundles;
using Coffer.Vision;

namespace Coffer.Tests;

/// <summary>A whole run: pack, license, open, predict, fail. Afterwards neither a content key nor a piece of the weights is in anything that can be read.</summary>
public sealed class LeakTests : IDisposable
{
    private readonly TestVendor _vendor = new();
    private readonly CollectingLogger _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task OpenAsync_WholeRun_LeaksNothingIntoLogsTextsAndFiles()
    {
        var bundle = await _vendor.PackAsync();
        var license = _vendor.Issue(bundle, request => request with { Calls = 100 });
        var options = _vendor.Options(license) with { Logger = _logger };
        var secrets = new Secrets(_vendor.Keys.Path, Path.Combine(TestVendor.Digits, "model.onnx"));
        using (var model = await ProtectedModel.OpenAsync(bundle, options, Token))
        {
            using var classifier = model.CreateImageClassifier();
            using var tensors = model.CreateTensorPredictor();
            var prediction = classifier.Predict(ImageInput.FromFile(Path.Combine(TestVendor.Digits, "pictures", "seven.png")), cancellationToken: Token);
            using var signed = SignedBundle.Open(bundle);
            using var verified = signed.Verify(_vendor.Trust, new VerificationOptions { Clock = _vendor.Clock });
            using var publisher = _vendor.Keys.OpenPublisherKey();
            model.UpdateLicense(_vendor.Renew(license));
            object[] shown =
            [
                model, classifier, tensors, prediction, prediction.Value, model.Manifest, model.Entitlement, options, options.Execution, license, license.Claims, license.Verify(_vendor.Trust),
                .. license.Claims.Keys, .. license.Claims.Models, signed, verified, verified.Signature, _vendor.Keys, _vendor.Device, _vendor.Device.Ledger, _vendor.Device.Recipient,
                _vendor.Device.SigningKey, _vendor.Trust, publisher, _vendor.Keys.OpenContentKeys(publisher), .. _vendor.Keys.OpenGrants(), .. model.Manifest.Parts,
            ];
            Assert.All(shown, value => secrets.AssertAbsent(value.GetType().Name, value.ToString() ?? ""));
        }

        foreach (var failure in await FailuresAsync(bundle, options))
        {
            secrets.AssertAbsent(failure.GetType().Name, failure.ToString());
        }

        Assert.NotEmpty(_logger.Text);
        secrets.AssertAbsent("the log", _logger.Text);
        secrets.AssertAbsentBelow(Path.GetDirectoryName(bundle)!);
    }

    // Each on the way of the keys: another device, a key that does not fit, an altered part, a license that is over.
    private async Task<List<Exception>> FailuresAsync(string bundle, ModelOptions options)
    {
        using var other = new TestVendor();
        using var stranger = FileDeviceKey.Create(_vendor.File("stranger.key"));
        var altered = _vendor.File("altered.coffer");
        var bytes = await File.ReadAllBytesAsync(bundle, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(altered, bytes, Token);
        var failures = new List<Exception>();
        foreach (var attempt in new Func<Task>[]
        {
            () => ProtectedModel.OpenAsync(bundle, options with { Device = stranger }, Token),
            () => ProtectedModel.OpenAsync(bundle, options with { Trust = other.Trust }, Token),
            () => ProtectedModel.OpenAsync(altered, options, Token),
            () => ProtectedModel.OpenAsync(bundle, options with { License = _vendor.Issue(bundle, request => request with { Expires = _vendor.Clock.GetUtcNow().AddDays(-1) }) }, Token),
            () => Task.FromException(Assert.Throws<KeyException>(() => KeyFile.Load(bundle))),
        })
        {
            failures.Add(await Assert.ThrowsAnyAsync<CofferException>(attempt));
        }

        return failures;
    }
}
