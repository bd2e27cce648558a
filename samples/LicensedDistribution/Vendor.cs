using Coffer;
using Coffer.Bundles;
using Coffer.Packaging;

namespace LicensedDistribution;

/// <summary>Publisher and license issuer: has every key, and the register of what it revoked.</summary>
internal sealed class Vendor
{
    private readonly KeyFolder _keys;
    private readonly StatusRegister _register;
    private readonly StatusServer _server;

    public Vendor(string folder, StatusServer server)
    {
        _keys = KeyFolder.Create(folder, "acme");
        _register = StatusRegister.Create(Path.Combine(folder, "status.json"), server.Uri);
        _server = server;
    }

    /// <summary>What applications ship.</summary>
    public string TrustPath => _keys.TrustPath;

    public Task PackAsync(string model, string bundle) => ModelPacker.PackAsync(
        model,
        bundle,
        new PackOptions { Name = "digits", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.ImageClassification },
        _keys);

    /// <summary>A license that a delegate passes on: for no device, but once more below it.</summary>
    public string IssueTo(Recipient oem, string path)
    {
        using var signed = SignedBundle.Open(path);
        using var bundle = signed.Verify(TrustStore.FromDirectory(TrustPath));
        using var key = _keys.OpenIssuerKey();
        var request = LicenseRequest.For(bundle.Manifest, oem, "oem") with
        {
            DelegationDepth = 1,
            Calls = 1000,
            Expires = TimeProvider.System.GetUtcNow().AddDays(365),
            Offline = new OfflineTerms(Max: TimeSpan.FromDays(7), Grace: TimeSpan.FromDays(2)),
            Status = _register.Allocate(),
        };
        return new LicenseIssuer(_keys.Issuer, key).Issue(request, _keys.OpenGrants());
    }

    public void Revoke(StatusReference status) => _register.Revoke(status.Index);

    public void PublishStatus()
    {
        using var key = _keys.OpenIssuerKey();
        _server.Content = _register.Publish(_keys.Issuer, key);
    }
}
