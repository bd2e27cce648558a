using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Licensing;

/// <summary>A publisher, its issuer, a device and a model, as files on disk, with a clock that stands still.</summary>
internal sealed class LicensingWorld : IDisposable
{
    public const string Issuer = "acme-licenses";
    public const string Task = "image-classification";
    public const string Digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    public const string StatusUri = "https://licenses.example/status";

    private StatusRegister? _register;

    public LicensingWorld()
    {
        Publisher = KeyFile.Create(Folder.File("publisher.key"));
        IssuerKey = KeyFile.Create(Folder.File("issuer.key"));
        Device = FileDeviceKey.Create(Folder.File("device.key"));
        Store = new ContentKeyStore(Folder.File("content"), Publisher);
        Trust = TrustFor(new TrustedIssuer(Issuer, IssuerKey.SigningKey));
        _ = Store.Generate("digits", PartGroup.Settings);
        _ = Store.Generate("digits", PartGroup.Weights);
        Manifest = ManifestOf(Clock.GetUtcNow());
        Grants = [.. Manifest.KeyIds.Values.Select(id => KeyGrant.Create("acme", Store, id, Issuer, IssuerKey.Recipient, Clock))];
        Request = LicenseRequest.For(Manifest, Device.Recipient, "customer-7") with { Expires = Clock.GetUtcNow().AddDays(30) };
    }

    public TemporaryFolder Folder { get; } = new();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));

    public KeyFile Publisher { get; }

    public KeyFile IssuerKey { get; }

    public FileDeviceKey Device { get; }

    public ContentKeyStore Store { get; }

    public TrustStore Trust { get; }

    public BundleManifest Manifest { get; }

    public IReadOnlyList<KeyGrant> Grants { get; }

    /// <summary>A license of 30 days, any number of calls.</summary>
    public LicenseRequest Request { get; }

    public string Issue(LicenseRequest request) => new LicenseIssuer(Issuer, IssuerKey, Clock).Issue(request, Grants);

    /// <summary>Signs claims that the issuer's own code would not write.</summary>
    public string Sign(string payload, string type = License.Type) => Jws.Sign(type, System.Text.Encoding.UTF8.GetBytes(payload), IssuerKey);

    public Entitlement Authorize(string license, BundleManifest? manifest = null, IDeviceKey? device = null, AuthorizationOptions? options = null, BundleSignature? signature = null) =>
        License.Parse(license).Verify(Trust).Authorize(new OpenedBundle(manifest ?? Manifest, Digest, signature), device ?? Device, options is { Clock: FakeTimeProvider } ? options : (options ?? new()) with { Clock = Clock });

    public Entitlement Authorize(LicenseRequest request) => Authorize(Issue(request));

    /// <summary>An issuer's register of revocations.</summary>
    public StatusRegister Register => _register ??= StatusRegister.Create(Folder.File("status.json"), StatusUri);

    /// <summary>The list as the register is now.</summary>
    public StatusList Publish(TimeSpan? lifetime = null) => StatusList.Parse(Register.Publish(Issuer, IssuerKey, lifetime, Clock));

    /// <summary>A license of a day offline and an hour of grace, with a place in the register.</summary>
    public LicenseRequest OfflineRequest => Request with { Offline = new OfflineTerms(TimeSpan.FromDays(1), TimeSpan.FromHours(1)), Status = Register.Allocate() };

    public static TrustStore TrustFor(TrustedIssuer issuer, string publisher = "acme")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={publisher}", key, HashAlgorithmName.SHA256);
        var root = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return new TrustStore(new TrustedPublisher(publisher, [root], [issuer]));
    }

    public static BundleManifest ManifestOf(DateTimeOffset created) => new()
    {
        Publisher = "acme",
        Id = "acme/digits",
        Version = SemanticVersion.Parse("1.2.0"),
        Sequence = 1,
        Instance = new byte[16],
        Task = Task,
        Created = created,
        MinSdk = SemanticVersion.Parse("0.1.0"),
        KeyIds = new Dictionary<PartGroup, string> { [PartGroup.Settings] = "digits.settings.1", [PartGroup.Weights] = "digits.weights.1" },
        Parts = [],
    };

    /// <summary>Puts a license and what verifies it where another process finds them.</summary>
    public void HandOver(string license)
    {
        File.WriteAllText(Folder.File("a.license"), license);
        File.WriteAllText(Folder.File("issuer.jwk"), IssuerKey.SigningKey.ToJson());
    }

    public void Dispose()
    {
        Device.Dispose();
        IssuerKey.Dispose();
        Publisher.Dispose();
        Folder.Dispose();
    }
}
