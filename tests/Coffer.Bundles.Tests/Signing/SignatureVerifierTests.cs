using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;

namespace Coffer.Tests.Signing;

public sealed class SignatureVerifierTests : IDisposable
{
    private static readonly byte[] Content = "header and manifest"u8.ToArray();

    private readonly TestPublisher _publisher = new();

    public void Dispose() => _publisher.Dispose();

    [Theory]
    [InlineData(256, "ECDSA P-256, SHA-256")]
    [InlineData(384, "ECDSA P-384, SHA-384")]
    [InlineData(3072, "RSA-PSS, SHA-256")]
    public void Verify_SignedWithEachAlgorithm_GivesItsName(int keySize, string expected)
    {
        using AsymmetricAlgorithm key = keySize > 1000 ? RSA.Create(keySize) : ECDsa.Create(keySize == 256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        using var certificate = Issue(key);

        var der = new BundleSigner(key, certificate).Sign(Content);

        Assert.Equal(expected, Verify(der).Algorithm);
    }

    [Fact]
    public void Verify_ThroughAnIntermediate_IsAccepted()
    {
        using var intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var intermediate = Issue(intermediateKey, authority: true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(key, issuer: intermediate, issuerKey: intermediateKey);

        Assert.Equal("CN=test", Verify(new BundleSigner(key, certificate, [intermediate]).Sign(Content)).Signer);
        AssertRejected(BundleError.UntrustedSigner, new BundleSigner(key, certificate).Sign(Content));
    }

    [Fact]
    public void Verify_CertificateForAnotherUse_ThrowsWrongUsage()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var serverAuthentication = Issue(key, extendedUsage: "1.3.6.1.5.5.7.3.1");
        using var keyAgreement = Issue(key, usage: X509KeyUsageFlags.KeyAgreement);
        using var authority = Issue(key, authority: true);

        AssertRejected(BundleError.SignerWrongUsage, new BundleSigner(key, serverAuthentication).Sign(Content));
        AssertRejected(BundleError.SignerWrongUsage, new BundleSigner(key, keyAgreement).Sign(Content));
        AssertRejected(BundleError.SignerWrongUsage, new BundleSigner(key, authority).Sign(Content));
    }

    [Fact]
    public void Verify_OtherContent_ThrowsContentAltered()
    {
        var der = new BundleSigner(_publisher.SignerKey, _publisher.Certificate).Sign(Content);

        var error = Assert.Throws<BundleException>(() => SignatureVerifier.Verify("header and another manifest"u8.ToArray(), der, "acme", _publisher.Trust, TestPublisher.Now));

        Assert.Equal((BundleError.ContentAltered, BundleSection.SignedContent), (error.Error, error.Section));
    }

    // (r, n - s) verifies as well as (r, s) everywhere else.
    [Fact]
    public void Verify_TheOtherFormOfTheSignature_IsRefused()
    {
        var parsed = CmsSignature.Decode(new BundleSigner(_publisher.SignerKey, _publisher.Certificate).Sign(Content));
        var reader = new System.Formats.Asn1.AsnReader(parsed.Signature, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        var (r, s) = (reader.ReadInteger(), reader.ReadInteger());
        var order = System.Numerics.BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber, null);
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(order - s);
        }

        var high = (parsed with { Signature = writer.Encode() }).Encode();

        var cms = new SignedCms(new ContentInfo(Content), detached: true);
        cms.Decode(high);
        cms.CheckSignature(verifySignatureOnly: true);
        AssertRejected(BundleError.InvalidSignature, high);
    }

    // What the BCL writes for the same key is a sound CMS signature in another shape.
    [Fact]
    public void Verify_SignatureInAnotherShape_IsRefused()
    {
        using var withKey = _publisher.Certificate.CopyWithPrivateKey(_publisher.SignerKey);
        var cms = new SignedCms(new ContentInfo(Content), detached: true);
        cms.ComputeSignature(new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, withKey) { IncludeOption = X509IncludeOption.EndCertOnly });

        AssertRejected(BundleError.InvalidSignature, cms.Encode());
    }

    [Fact]
    public void Verify_TrailingByteAfterTheSignature_IsRefused()
    {
        byte[] der = [.. new BundleSigner(_publisher.SignerKey, _publisher.Certificate).Sign(Content), 0];

        AssertRejected(BundleError.InvalidSignature, der);
    }

    // Hashing certificates against digests grows with both: the limit comes first.
    [Fact]
    public void Verify_MoreCertificatesThanTheFormatAllows_IsRefused()
    {
        var parsed = CmsSignature.Decode(new BundleSigner(_publisher.SignerKey, _publisher.Certificate).Sign(Content));
        var crowded = parsed with { Certificates = [.. Enumerable.Repeat(parsed.Certificates[0], CmsReading.MaxCertificates + 1)] };

        var error = Assert.Throws<BundleException>(() => Verify(crowded.Encode()));

        Assert.Equal(BundleError.InvalidSignature, error.Error);
        Assert.Contains("more than 8 certificates", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_KeyThatIsNotTheCertificates_Throws()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal(KeyError.UnsupportedKey, Assert.Throws<KeyException>(() => new BundleSigner(other, _publisher.Certificate)).Error);
    }

    [Fact]
    public void Constructor_KeyThatTheFormatDoesNotKnow_Throws()
    {
        using var small = RSA.Create(2048);
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        using var smallCertificate = Issue(small);
        using var p521Certificate = Issue(p521);

        Assert.Equal(KeyError.UnsupportedKey, Assert.Throws<KeyException>(() => new BundleSigner(small, smallCertificate)).Error);
        Assert.Equal(KeyError.UnsupportedKey, Assert.Throws<KeyException>(() => new BundleSigner(p521, p521Certificate)).Error);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(3072)]
    public async Task Sign_AnyContent_IsAcceptedByOpenSsl(int keySize)
    {
        using var folder = new TemporaryFolder();
        using AsymmetricAlgorithm key = keySize > 1000 ? RSA.Create(keySize) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue(key);
        var cancellation = TestContext.Current.CancellationToken;
        await File.WriteAllBytesAsync(folder.File("content"), Content, cancellation);
        await File.WriteAllBytesAsync(folder.File("signature.der"), new BundleSigner(key, certificate).Sign(Content), cancellation);
        await File.WriteAllTextAsync(folder.File("root.pem"), _publisher.Root.ExportCertificatePem(), cancellation);

        var (exitCode, output) = await OpenSsl.RunAsync(
            $"cms -verify -binary -purpose any -inform DER -in {folder.File("signature.der")} -content {folder.File("content")} -CAfile {folder.File("root.pem")} -attime {TestPublisher.Now.ToUnixTimeSeconds()} -out {folder.File("out")}");

        Assert.True(exitCode == 0, output);
        Assert.Equal(Content, await File.ReadAllBytesAsync(folder.File("out"), cancellation));
    }

    private BundleSignature Verify(byte[] der) => SignatureVerifier.Verify(Content, der, "acme", _publisher.Trust, TestPublisher.Now);

    private void AssertRejected(BundleError expected, byte[] der)
    {
        var error = Assert.Throws<BundleException>(() => Verify(der));
        Assert.Equal((expected, BundleSection.Signature), (error.Error, error.Section));
    }

    private X509Certificate2 Issue(
        AsymmetricAlgorithm key,
        string extendedUsage = CmsOids.BundleSigning,
        X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature,
        bool authority = false,
        X509Certificate2? issuer = null,
        ECDsa? issuerKey = null)
    {
        var subject = authority ? "CN=test authority" : "CN=test";
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(authority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature : usage, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(extendedUsage)], true));
        return request.Create(
            (issuer ?? _publisher.Root).SubjectName,
            X509SignatureGenerator.CreateForECDsa(issuerKey ?? _publisher.RootKey),
            TestPublisher.Now.AddDays(-1),
            TestPublisher.Now.AddDays(1),
            RandomNumberGenerator.GetBytes(8));
    }
}
