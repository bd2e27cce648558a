using Coffer.Bundles;
using Coffer.Packaging;

namespace Coffer.Tests;

/// <summary>A vendor with keys, for one test: packs models, issues licenses, is a device.</summary>
internal sealed class TestVendor : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TestVendor(string publisher = "acme", TimeProvider? clock = null)
    {
        Clock = clock ?? TimeProvider.System;
        Keys = KeyFolder.Create(_folder.File("keys"), publisher, Clock);
        Device = FileDeviceKey.Load(Keys.DeviceKeyPath);
        Trust = TrustStore.FromDirectory(Keys.TrustPath);
    }

    public TimeProvider Clock { get; }

    public KeyFolder Keys { get; }

    public FileDeviceKey Device { get; }

    public TrustStore Trust { get; }

    public static string Digits { get; } = Repository.File("samples", "models", "digits");

    public static PackOptions DigitsOptions { get; } = new()
    {
        Name = "digits",
        Version = SemanticVersion.Parse("1.2.0"),
        Task = ModelTasks.ImageClassification,
    };

    public string File(string name) => _folder.File(name);

    public async Task<string> PackAsync(string? model = null, PackOptions? options = null)
    {
        options ??= DigitsOptions;
        var path = _folder.File(options.Name + ".coffer");
        await ModelPacker.PackAsync(model ?? Digits, path, options, Keys, clock: Clock, cancellationToken: TestContext.Current.CancellationToken);
        return path;
    }

    public License Issue(string bundle, Func<LicenseRequest, LicenseRequest>? edit = null, Recipient? device = null)
    {
        using var signed = SignedBundle.Open(bundle);
        var request = LicenseRequest.For(signed.Manifest, device ?? Device.Recipient, "hospital-7");
        using var issuer = Keys.OpenIssuerKey();
        return License.Parse(new LicenseIssuer(Keys.Publisher, issuer, Clock).Issue(edit?.Invoke(request) ?? request, Keys.OpenGrants()));
    }

    public License Renew(License license, Func<LicenseRequest, LicenseRequest>? edit = null)
    {
        var request = LicenseRequest.Renewal(license.Verify(Trust), Device.Recipient);
        using var issuer = Keys.OpenIssuerKey();
        return License.Parse(new LicenseIssuer(Keys.Publisher, issuer, Clock).Issue(edit?.Invoke(request) ?? request, Keys.OpenGrants()));
    }

    public ModelOptions Options(License license) => new() { Trust = Trust, License = license, Device = Device, Clock = Clock };

    public async Task<ProtectedModel> OpenAsync(string? bundle = null, Func<LicenseRequest, LicenseRequest>? edit = null)
    {
        bundle ??= await PackAsync();
        return await ProtectedModel.OpenAsync(bundle, Options(Issue(bundle, edit)), TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        Device.Dispose();
        _folder.Dispose();
    }
}
