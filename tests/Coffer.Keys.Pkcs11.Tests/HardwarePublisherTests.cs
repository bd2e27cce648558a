using Coffer.Bundles;
using Coffer.Keys.Pkcs11;

namespace Coffer.Tests;

/// <summary>Publisher, issuer and device, each with its keys in a token: from signing a bundle to reading its weights.</summary>
public sealed class HardwarePublisherTests : IDisposable
{
    private const string Issuer = "acme-licenses";

    private readonly TemporaryFolder _folder = new();
    private readonly Pkcs11DeviceKey _publisherKey = Pkcs11DeviceKey.Generate(SoftHsm.NewOptions());
    private readonly Pkcs11DeviceKey _issuerKey = Pkcs11DeviceKey.Generate(SoftHsm.NewOptions());
    private readonly Pkcs11DeviceKey _device;
    private readonly TestPublisher _publisher = new();

    public HardwarePublisherTests() =>
        _device = Pkcs11DeviceKey.Generate(SoftHsm.NewOptions() with { LedgerPath = _folder.File("device.ledger") });

    public void Dispose()
    {
        _publisher.Dispose();
        _device.Dispose();
        _issuerKey.Dispose();
        _publisherKey.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task License_ForABundleSignedInAToken_OpensItsWeightsAndCounts()
    {
        var store = new ContentKeyStore(_folder.File("content"), _publisherKey);
        var weights = Enumerable.Range(0, 700).Select(i => (byte)i).ToArray();
        var path = await PackAsync(store, weights);
        var trust = new TrustStore(new TrustedPublisher(_publisher.Name, [_publisher.Root], [new TrustedIssuer(Issuer, _issuerKey.SigningKey)]));

        using var signed = SignedBundle.Open(path);
        using var bundle = signed.Verify(trust, _publisher.Verification);
        var grants = bundle.Manifest.KeyIds.Values
            .Select(id => KeyGrant.Create(_publisher.Name, store, id, Issuer, Recipient.Of(_issuerKey), _publisher.Clock).ToToken())
            .Select(token => KeyGrant.Parse(token, _publisherKey.SigningKey));
        var license = new LicenseIssuer(Issuer, _issuerKey, _publisher.Clock)
            .Issue(LicenseRequest.For(bundle.Manifest, Recipient.Of(_device), "customer-7") with { Calls = 2 }, grants);

        using var entitlement = License.Parse(license).Verify(trust).Authorize(bundle, _device, new AuthorizationOptions { Clock = _publisher.Clock });
        using var keys = entitlement.UnwrapKeys(_device);
        using var part = bundle.Decrypt("graphs/model/weights", keys[PartGroup.Weights], TestContext.Current.CancellationToken);
        Assert.True(part.Span.SequenceEqual(weights));

        _ = entitlement.Begin("image-classification", ExecutionTarget.Local, 2);
        var e = Assert.Throws<LicenseException>(() => entitlement.Begin("image-classification", ExecutionTarget.Local));
        Assert.Equal(LicenseError.QuotaExceeded, e.Error);
    }

    private async Task<string> PackAsync(ContentKeyStore store, byte[] weights)
    {
        using var signer = _publisherKey.CreateSigner();
        using var certificate = PublisherCertificates.IssueSigner(_publisher.Name, signer, _publisher.Root, _publisher.RootKey, clock: _publisher.Clock);
        using var settingsKey = store.Open(store.Generate("digits", PartGroup.Settings));
        using var weightsKey = store.Open(store.Generate("digits", PartGroup.Weights));
        var path = _folder.File("digits.coffer");
        PartSource[] parts =
        [
            PartSource.FromBytes("settings.json", PartGroup.Settings, "{}"u8.ToArray()),
            PartSource.FromBytes("graphs/model/weights", PartGroup.Weights, weights),
        ];
        var keys = new Dictionary<PartGroup, ContentKey> { [PartGroup.Settings] = settingsKey, [PartGroup.Weights] = weightsKey };
        await BundleWriter.WriteAsync(path, _publisher.Draft, parts, keys, new BundleSigner(signer, certificate), _publisher.Clock, null, TestContext.Current.CancellationToken);
        return path;
    }
}
