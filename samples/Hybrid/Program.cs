// One predictor, two places: it goes on classifying while the endpoint, the network and the device are taken away and given back, and says of
// each result where it came from. What does not go as told ends the run with an error.
using Coffer;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;
using Coffer.Vision;
using Hybrid;

var digits = Path.Combine(AppContext.BaseDirectory, "digits");
var folder = Directory.CreateTempSubdirectory("coffer-hybrid-").FullName;
try
{
    // A vendor's work: one model, a license for the device and the endpoint, and one for the server behind it.
    var keys = KeyFolder.Create(Path.Combine(folder, "keys"), "acme");
    var bundle = Path.Combine(folder, "digits.coffer");
    await ModelPacker.PackAsync(digits, bundle, new PackOptions { Name = "digits", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.ImageClassification }, keys);
    using var device = FileDeviceKey.Load(keys.DeviceKeyPath);
    License? counted = null;
    using var served = await OpenAsync(request => request);
    using var endpoint = new Endpoint(served.CreateTensorPredictor());
    using var model = await OpenAsync(request => request with
    {
        Calls = 100,
        Targets = [ExecutionTarget.Local, ExecutionTarget.Remote],
        Remote = new RemoteTerms([endpoint.Uri.AbsoluteUri], []),
    });

    // The application's: a predictor here, one there, and both as one.
    using var network = new Network();
    using var runner = new EndpointRunner(endpoint.Uri, network, served.CreateTensorPredictor().Describe());
    using var here = new Device<ImageInput, ImageClassifierOptions, ImageClassification>(model.CreateImageClassifier());
    using var there = model.CreateImageClassifier(runner);
    var options = new HybridOptions
    {
        Retries = 1,
        RetryDelay = TimeSpan.FromMilliseconds(20),
        BreakDuration = TimeSpan.FromMilliseconds(500),
    };
    using var cloudFirst = new HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification>(here, there, options with { Mode = InferenceMode.PreferInCloud });
    using var deviceFirst = new HybridPredictor<ImageInput, ImageClassifierOptions, ImageClassification>(here, there, options with { Mode = InferenceMode.PreferOnDevice });
    var story = new Story(Directory.GetFiles(Path.Combine(digits, "pictures"), "*.png").Order(StringComparer.Ordinal).Select(ImageInput.FromFile).ToArray());

    Story.Chapter("Everything is there; the endpoint is preferred");
    await story.ClassifyAsync(cloudFirst, ExecutionTarget.Remote);

    Story.Chapter("The endpoint stops");
    endpoint.Stop();
    await story.ClassifyAsync(cloudFirst, ExecutionTarget.Local);
    await story.ClassifyAsync(cloudFirst, ExecutionTarget.Local);
    await story.ClassifyAsync(cloudFirst, ExecutionTarget.Local);
    Story.Require(cloudFirst.Endpoints[0].IsCircuitOpen, "it failed so often that it is not even asked now");

    Story.Chapter("The endpoint is back, and is found again without a restart");
    endpoint.Start();
    await story.ClassifyUntilAsync(cloudFirst, ExecutionTarget.Remote);

    Story.Chapter("The network is gone");
    network.IsUp = false;
    await story.ClassifyAsync(cloudFirst, ExecutionTarget.Local);

    Story.Chapter("The network is back");
    network.IsUp = true;
    await story.ClassifyUntilAsync(cloudFirst, ExecutionTarget.Remote);

    Story.Chapter("The device is preferred, and then taken away");
    await story.ClassifyAsync(deviceFirst, ExecutionTarget.Local);
    here.IsThere = false;
    await story.ClassifyAsync(deviceFirst, ExecutionTarget.Remote);

    Story.Chapter("The network goes too");
    network.IsUp = false;
    await story.FailAsync(deviceFirst, HybridError.BothFailed);

    Story.Chapter("The device is back");
    here.IsThere = true;
    await story.ClassifyAsync(deviceFirst, ExecutionTarget.Local);

    Story.Chapter("What the license counted");
    model.Dispose();
    var receipt = UsageReceipt.Issue(counted!.Verify(TrustStore.FromDirectory(keys.TrustPath)), device);
    Story.Require(receipt.Total == story.Calls, $"{story.Calls} calls, {receipt.Total} counted: each once, whatever it took");
    return 0;

    async Task<ProtectedModel> OpenAsync(Func<LicenseRequest, LicenseRequest> edit)
    {
        using var signed = SignedBundle.Open(bundle);
        using var issuer = keys.OpenIssuerKey();
        var request = edit(LicenseRequest.For(signed.Manifest, device.Recipient, "warehouse-3"));
        var license = License.Parse(new LicenseIssuer(keys.Issuer, issuer).Issue(request, keys.OpenGrants()));
        counted = request.Calls is null ? null : license;
        return await ProtectedModel.OpenAsync(bundle, new ModelOptions { Trust = TrustStore.FromDirectory(keys.TrustPath), License = license, Device = device });
    }
}
catch (Exception e) when (e is CofferException or Story.BrokenException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
