using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Format;

/// <summary>The bundle of FORMAT.md §9: whatever changes, version 1 stays readable, byte for byte.</summary>
public sealed class WorkedExampleTests
{
    private static readonly string Path = Repository.File("tests", "Coffer.Bundles.Tests", "Vectors", "example.coffer");

    [Fact]
    public void Verify_Example_GivesTheDocumentedManifest()
    {
        using var verified = Verify();

        Assert.Equal("8a704cbd4321fd69e815f63a6f4b4b2199d9a0b0d12dedf975a8a34ac2da9947", verified.ManifestDigest);
        Assert.Equal("acme/digits", verified.Manifest.Id);
        Assert.Equal([20480L, 24576L, 28672L], verified.Manifest.Parts.Select(part => part.Offset));
        Assert.Equal([74L, 72L, 772L], verified.Manifest.Parts.Select(part => part.Length));
    }

    [Fact]
    public void Decrypt_Example_GivesTheDocumentedPlaintexts()
    {
        using var settingsKey = new ContentKey("digits.settings.1", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        using var weightsKey = new ContentKey("digits.weights.1", [.. Enumerable.Range(32, 32).Select(i => (byte)i)]);
        using var verified = Verify();

        using var settings = verified.Decrypt("settings.json", settingsKey, TestContext.Current.CancellationToken);
        using var labels = verified.Decrypt("files/labels.txt", settingsKey, TestContext.Current.CancellationToken);
        using var weights = verified.Decrypt("graphs/model/weights", weightsKey, TestContext.Current.CancellationToken);

        Assert.Equal("{}"u8.ToArray(), settings.Span.ToArray());
        Assert.Equal(0, labels.Length);
        Assert.Equal(Enumerable.Range(0, 700).Select(i => (byte)i), weights.Span.ToArray());
    }

    private static VerifiedBundle Verify()
    {
        var root = X509CertificateLoader.LoadCertificateFromFile(System.IO.Path.ChangeExtension(Path, null) + "-root.crt");
        using var signed = SignedBundle.Open(Path);
        return signed.Verify(
            new TrustStore(new TrustedPublisher("acme", [root], [])),
            new VerificationOptions { Clock = new FakeTimeProvider(TestPublisher.Now) });
    }
}
