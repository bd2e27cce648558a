// The whole way of a model, on one machine: a publisher packs it, a vendor licenses it for a device, an application runs it,
// and an attacker gets nothing. Everything lies in a temporary folder that is deleted at the end.
using System.Diagnostics;
using Coffer;
using Coffer.Bundles;
using Coffer.Packaging;
using Coffer.Vision;

var digits = Path.Combine(AppContext.BaseDirectory, "digits");
var folder = Directory.CreateTempSubdirectory("coffer-quickstart-").FullName;
try
{
    // The publisher and the vendor, once.
    var keys = Step("Made keys: publisher, license issuer, this device", () => KeyFolder.Create(Path.Combine(folder, "keys"), "acme"));
    var bundle = Path.Combine(folder, "digits.coffer");
    var packed = await StepAsync("Packed the model: encrypted, signed, outputs proved unchanged", () => ModelPacker.PackAsync(
        digits,
        bundle,
        new PackOptions { Name = "digits", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.ImageClassification },
        keys));
    Say($"{packed.Manifest.Id} {packed.Manifest.Version}, {packed.Length / 1024} KiB, manifest {packed.ManifestDigest[..16]}…");
    var license = Step("Issued a license: this device, 30 days, 1000 calls", () => Issue(keys, keys, bundle));

    // The application: anchors that it ships, a license file, this device's key.
    using var device = FileDeviceKey.Load(keys.DeviceKeyPath);
    var options = new ModelOptions { Trust = TrustStore.FromDirectory(keys.TrustPath), License = License.Parse(license), Device = device };
    using (var model = await StepAsync("Opened it: publisher's signature, license, device and every encrypted byte checked", () => ProtectedModel.OpenAsync(bundle, options)))
    using (var classifier = model.CreateImageClassifier())
    {
        foreach (var picture in Directory.GetFiles(Path.Combine(digits, "pictures")).Order(StringComparer.Ordinal))
        {
            var prediction = classifier.Predict(ImageInput.FromFile(picture), new() { TopK = 1 });
            Say($"{Path.GetFileName(picture),-12} {prediction.Value.Top.Label,-6} {prediction.Value.Top.Score,7:P1}   {prediction.Duration.TotalMilliseconds,5:F1} ms on {prediction.ExecutionProvider}");
        }
    }

    // The attacker.
    var tampered = Path.Combine(folder, "tampered.coffer");
    var bytes = await File.ReadAllBytesAsync(bundle);
    bytes[^100] ^= 1;
    await File.WriteAllBytesAsync(tampered, bytes);
    await RefusedAsync("A copy with one flipped bit", () => ProtectedModel.OpenAsync(tampered, options));

    var elsewhere = KeyFolder.Create(Path.Combine(folder, "elsewhere"), "acme");
    using var otherDevice = FileDeviceKey.Load(elsewhere.DeviceKeyPath);
    await RefusedAsync("The license on another device", () => ProtectedModel.OpenAsync(bundle, options with { Device = otherDevice }));
    var foreign = Issue(elsewhere, keys, bundle);
    await RefusedAsync("A license that somebody else signed in the vendor's name", () => ProtectedModel.OpenAsync(bundle, options with { License = License.Parse(foreign) }));
    return 0;
}
catch (CofferException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static string Issue(KeyFolder issuer, KeyFolder customer, string bundle)
{
    using var signed = SignedBundle.Open(bundle);
    using var verified = signed.Verify(TrustStore.FromDirectory(customer.TrustPath));
    using var issuerKey = issuer.OpenIssuerKey();
    var grants = issuer.OpenGrants();
    var request = LicenseRequest.For(verified.Manifest, Recipient.Load(customer.DevicePath), "hospital-7") with
    {
        Expires = TimeProvider.System.GetUtcNow().AddDays(30),
        Calls = 1000,
        KeyIds = [.. grants.Select(grant => grant.KeyId)],
    };
    return new LicenseIssuer(issuer.Publisher, issuerKey).Issue(request, grants);
}

static T Step<T>(string what, Func<T> work)
{
    var started = Stopwatch.GetTimestamp();
    var result = work();
    Console.WriteLine($"{what} ({Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms)");
    return result;
}

static async Task<T> StepAsync<T>(string what, Func<Task<T>> work)
{
    var started = Stopwatch.GetTimestamp();
    var result = await work();
    Console.WriteLine($"{what} ({Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms)");
    return result;
}

static void Say(string line) => Console.WriteLine("  " + line);

static async Task RefusedAsync(string what, Func<Task<ProtectedModel>> open)
{
    try
    {
        (await open()).Dispose();
        throw new InvalidOperationException($"{what} was accepted.");
    }
    catch (BundleException e)
    {
        Console.WriteLine($"{what}: refused ({e.Error}, section {e.Section})");
        Say(e.Message);
    }
    catch (LicenseException e)
    {
        Console.WriteLine($"{what}: refused ({e.Error})");
        Say(e.Message);
    }
}
