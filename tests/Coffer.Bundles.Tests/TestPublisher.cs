using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests;

/// <summary>A publisher made for one test: root, signing certificate, content keys, a clock that stands still.</summary>
internal sealed class TestPublisher : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <param name="name">The publisher's name.</param>
    /// <param name="now">What the clock says; null for <see cref="Now"/>.</param>
    public TestPublisher(string name = "acme", DateTimeOffset? now = null)
    {
        Name = name;
        Clock = new FakeTimeProvider(now ?? Now);
        Root = PublisherCertificates.CreateRoot(name, RootKey, clock: Clock);
        Certificate = PublisherCertificates.IssueSigner(name, SignerKey, Root, RootKey, clock: Clock);
        Trust = new TrustStore(new TrustedPublisher(name, [Root], []));
        Verification = new VerificationOptions { Clock = Clock };
    }

    public string Name { get; }

    public FakeTimeProvider Clock { get; }

    public ECDsa RootKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public ECDsa SignerKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Certificate { get; }

    public TrustStore Trust { get; }

    public VerificationOptions Verification { get; }

    public Dictionary<PartGroup, ContentKey> Keys { get; } = new()
    {
        [PartGroup.Settings] = ContentKey.Generate("digits.settings.1"),
        [PartGroup.Weights] = ContentKey.Generate("digits.weights.1"),
    };

    public BundleDraft Draft => new()
    {
        Publisher = Name,
        Name = "digits",
        Version = SemanticVersion.Parse("1.2.0"),
        Task = "image-classification",
    };

    /// <summary>Three parts, one of them empty.</summary>
    public static IReadOnlyList<PartSource> SmallParts { get; } =
    [
        PartSource.FromBytes("settings.json", PartGroup.Settings, "{}"u8.ToArray()),
        PartSource.FromBytes("files/labels.txt", PartGroup.Settings, ReadOnlyMemory<byte>.Empty),
        PartSource.FromBytes("graphs/model/weights", PartGroup.Weights, Enumerable.Range(0, 700).Select(i => (byte)i).ToArray()),
    ];

    public async Task<string> PackAsync(TemporaryFolder folder, IReadOnlyList<PartSource>? parts = null, BundleSigner? signer = null, BundleDraft? draft = null)
    {
        var path = folder.File("test.coffer");
        await BundleWriter.WriteAsync(path, draft ?? Draft, parts ?? SmallParts, Keys, signer ?? new BundleSigner(SignerKey, Certificate), Clock, null, TestContext.Current.CancellationToken);
        return path;
    }

    public void Dispose()
    {
        RootKey.Dispose();
        SignerKey.Dispose();
        Root.Dispose();
        Certificate.Dispose();
        foreach (var key in Keys.Values)
        {
            key.Dispose();
        }
    }
}
