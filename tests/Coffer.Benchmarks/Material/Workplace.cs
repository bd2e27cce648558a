using Coffer.Bundles;
using Coffer.Packaging;

namespace Coffer.Benchmarks;

/// <summary>A temporary folder with keys, models and bundles; gone at the end.</summary>
internal sealed class Workplace : IDisposable
{
    private const string KeysFolder = "keys";

    private readonly string _folder = Directory.CreateTempSubdirectory("coffer-benchmarks-").FullName;

    public Workplace() => Keys = KeyFolder.Create(File(KeysFolder), "acme");

    public KeyFolder Keys { get; }

    public long FreeBytes => new DriveInfo(_folder).AvailableFreeSpace;

    /// <summary>The keys of the workplace that a bundle lies in, for another process.</summary>
    public static KeyFolder KeysBeside(string bundle) => KeyFolder.Open(Path.Combine(Path.GetDirectoryName(bundle)!, KeysFolder));

    public string File(string name) => Path.Combine(_folder, name);

    /// <summary>Packs a model and issues a license for this machine.</summary>
    /// <param name="model">An <c>.onnx</c> file or an exported folder.</param>
    /// <param name="options">What the publisher says of it.</param>
    /// <param name="calls">The license's quota; null for none.</param>
    public async Task<LicensedBundle> PackAsync(string model, PackOptions options, long? calls = null)
    {
        var bundle = File(options.Name + ".coffer");
        _ = await ModelPacker.PackAsync(model, bundle, options, Keys);
        await System.IO.File.WriteAllTextAsync(LicensedBundle.LicenseOf(bundle), Issue(bundle, calls));
        return LicensedBundle.Load(bundle, Keys);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Issue(string bundle, long? calls)
    {
        using var signed = SignedBundle.Open(bundle);
        using var verified = signed.Verify(TrustStore.FromDirectory(Keys.TrustPath));
        using var issuer = Keys.OpenIssuerKey();
        var request = LicenseRequest.For(verified.Manifest, Recipient.Load(Keys.DevicePath), "benchmarks") with
        {
            Expires = TimeProvider.System.GetUtcNow().AddDays(1),
            Calls = calls,
        };
        return new LicenseIssuer(Keys.Publisher, issuer).Issue(request, Keys.OpenGrants());
    }
}
