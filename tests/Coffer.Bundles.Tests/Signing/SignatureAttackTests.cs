using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;

namespace Coffer.Tests.Signing;

/// <summary>
/// A second encoding, or a second meaning, of a signature that verifies through an intermediate certificate: every single bit, a corpus
/// of edits to the tree of its bytes, and a corpus of what the platform's own CMS writes for the same key. None is accepted.
/// </summary>
public sealed class SignatureAttackTests : IDisposable
{
    private static readonly byte[] Content = "header and manifest"u8.ToArray();

    private readonly TestPublisher _publisher = new();
    private readonly ECDsa _intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _certificate;
    private readonly byte[] _der;

    public SignatureAttackTests()
    {
        _intermediate = Issue("CN=test authority", _intermediateKey, _publisher.Root, _publisher.RootKey, authority: true);
        _certificate = Issue("CN=test", _key, _intermediate, _intermediateKey, authority: false);
        _der = new BundleSigner(_key, _certificate, [_intermediate]).Sign(Content);
        Assert.Null(Refusal(_der));
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _intermediateKey.Dispose();
        _key.Dispose();
        _intermediate.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public void Verify_EverySingleBitFlip_IsRefused()
    {
        var accepted = new ConcurrentBag<string>();

        Parallel.For(0, _der.Length * 8, bit =>
        {
            byte[] copy = [.. _der];
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            if (Refusal(copy) is not { Section: BundleSection.Signature, Error: BundleError.InvalidSignature or BundleError.SignerWrongUsage })
            {
                accepted.Add($"byte {bit / 8} bit {bit % 8}: {Refusal(copy)?.Error}");
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{_der.Length * 8} flips of {_der.Length} bytes.");
        Assert.Empty(accepted);
    }

    [Fact]
    public void Verify_EveryTruncation_IsRefused() =>
        Assert.All(Enumerable.Range(0, _der.Length), length => Assert.Equal(BundleError.InvalidSignature, Refusal(_der[..length])?.Error));

    // Corpus one: bytes, without the platform's ASN.1 writer. Every value of the structure, those inside the certificates included.
    [Fact]
    public void Verify_EveryEditOfTheTree_IsRefused()
    {
        var edited = DerEdits.Of(_der).ToList();
        var accepted = new ConcurrentBag<string>();

        Parallel.ForEach(edited, edit =>
        {
            if (Refusal(edit.Der) is not { Section: BundleSection.Signature })
            {
                accepted.Add(edit.What);
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{edited.Count} structures.");
        Assert.True(edited.Count > 1400, $"{edited.Count} structures.");
        Assert.Empty(accepted);
    }

    // Pairs of lengths that change by the same number and cancel: the whole keeps its size, and only a boundary inside it moves.
    [Fact]
    public void Verify_EveryPairOfLengthsThatCancel_IsRefused()
    {
        var count = DerNode.Parse(_der).All().Count(found => found.Node.Children is null);
        var accepted = new ConcurrentBag<string>();
        var tried = 0;

        Parallel.For(0, count, first =>
        {
            foreach (var second in new[] { first + 1, first + 2, first + 5 }.Where(index => index < count))
            {
                var root = DerNode.Parse(_der);
                var leaves = root.All().Where(found => found.Node.Children is null).Select(found => found.Node).ToList();
                if (leaves[second].Content.Length == 0)
                {
                    continue;
                }

                leaves[first].Content = [.. leaves[first].Content, leaves[second].Content[0]];
                leaves[second].Content = leaves[second].Content[1..];
                var der = root.Encode();
                Interlocked.Increment(ref tried);
                if (Refusal(der) is not { Section: BundleSection.Signature })
                {
                    accepted.Add($"{first} and {second}");
                }
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} pairs.");
        Assert.Empty(accepted);
    }

    // Corpus two: what the BCL makes. Most are sound CMS signatures by the publisher's own key; the profile has one encoding.
    [Fact]
    public void Verify_EveryStructureOfThePlatform_IsRefused()
    {
        var built = Built().ToList();

        foreach (var (what, der) in built)
        {
            // Without the intermediate certificate the platform writes the profile, once in two times with the lower s; it leads to no root.
            var other = what switch
            {
                "IssuerAndSerialNumber, EndCertOnly" or "IssuerAndSerialNumber, ExcludeRoot" => BundleError.UntrustedSigner,
                "its certificates in another order" => BundleError.SignerWrongUsage,
                _ => BundleError.InvalidSignature,
            };
            var error = Refusal(der);
            Assert.True(error is { Section: BundleSection.Signature } && (error.Error == BundleError.InvalidSignature || error.Error == other), $"{what}: {error}");
        }

        Assert.True(built.Count >= 20, $"{built.Count} structures.");
    }

    // (r, n - s) is a second valid signature of every certificate, made without its issuer's key.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Verify_TheOtherFormOfACertificatesSignature_IsRefused(int which)
    {
        var parsed = CmsSignature.Decode(_der);
        var certificate = DerNode.Parse(parsed.Certificates[which].Span);
        var value = certificate.Children![2];
        var order = which == 0 ? 256 : 384;
        value.Content = [0, .. OtherForm(value.Content.AsMemory(1), order)];
        var other = certificate.Encode();
        var (root, subject) = which == 0 ? (_intermediate, other) : (_publisher.Root, other);
        Assert.True(ChainsTo(root, subject));

        // Its digest is signed; and one that fits would be signed by nobody.
        var replaced = DerNode.Parse(_der);
        ReplaceCertificate(replaced, parsed.Certificates[which].ToArray(), certificate);
        AssertRefused("binds a certificate that it does not hold", replaced.Encode());
        ReadOnlyMemory<byte>[] certificates = [.. parsed.Certificates];
        certificates[which] = other;
        AssertRefused("does not verify", (parsed with { Certificates = certificates }).Encode());
    }

    // A certificate that nobody issued may hold anything: what the platform can't read is a refusal like any other.
    [Theory]
    [InlineData("2.5.29.15", "0201")]
    [InlineData("2.5.29.37", "040100")]
    [InlineData("2.5.29.19", "0500")]
    [InlineData("2.5.29.19", "30")]
    public void Verify_CertificateWithAnExtensionThatCantBeRead_IsRefused(string oid, string value)
    {
        var request = new CertificateRequest("CN=test", _key, HashAlgorithmName.SHA256);
        X509Extension[] extensions = [new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true), new X509EnhancedKeyUsageExtension([new Oid(CmsOids.BundleSigning)], true)];
        foreach (var extension in extensions.Where(extension => extension.Oid!.Value != oid).Append(new X509Extension(oid, Convert.FromHexString(value), true)))
        {
            request.CertificateExtensions.Add(extension);
        }

        using var certificate = request.Create(_publisher.Root.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), TestPublisher.Now.AddDays(-1), TestPublisher.Now.AddDays(1), [1]);

        AssertRefused(null, new BundleSigner(_key, certificate).Sign(Content));
    }

    // CertificateChoices (RFC 5652 §10.2.2) may be no certificate: the platform passes over those when it looks for the signer.
    [Theory]
    [InlineData("A100")]
    [InlineData("A203020105")]
    [InlineData("A303020105")]
    public void Verify_SomethingElseBesideTheSignersCertificate_IsRefused(string choice)
    {
        using var certificate = Issue("CN=test", _key, _publisher.Root, _key, authority: false);
        var unsigned = CmsSignature.Decode(new BundleSigner(_key, certificate).Sign(Content)) with { Certificates = [certificate.RawDataMemory, Convert.FromHexString(choice)] };
        var digest = SHA256.HashData(unsigned.EncodeSignedAttributes());

        AssertRefused(null, (unsigned with { Signature = EcdsaDer.Encode(EcdsaLowS.SignHash(_key, digest)) }).Encode());
    }

    private IEnumerable<(string What, byte[] Der)> Built()
    {
        foreach (var include in new[] { X509IncludeOption.None, X509IncludeOption.EndCertOnly, X509IncludeOption.ExcludeRoot })
        {
            foreach (var identifier in new[] { SubjectIdentifierType.IssuerAndSerialNumber, SubjectIdentifierType.SubjectKeyIdentifier })
            {
                yield return ($"{identifier}, {include}", Sign(signer => signer.IncludeOption = include, identifier));
            }
        }

        yield return ("without signing-certificate-v2", Sign(signer => signer.SignedAttributes.Remove(signer.SignedAttributes[0])));
        yield return ("with signing-time", Sign(signer => signer.SignedAttributes.Add(new Pkcs9SigningTime(TestPublisher.Now.UtcDateTime))));
        yield return ("the content inside", Sign(_ => { }, detached: false));
        yield return ("SHA-384", Sign(signer => signer.DigestAlgorithm = new Oid(SignatureAlgorithm.Sha384Oid)));
        yield return ("SHA-512", Sign(signer => signer.DigestAlgorithm = new Oid(SignatureAlgorithm.Sha512Oid)));
        foreach (var (what, alter) in Alterations())
        {
            var cms = new SignedCms(new ContentInfo(Content), detached: true);
            cms.Decode(_der);
            alter(cms);
            yield return (what, cms.Encode());
        }

        var parsed = CmsSignature.Decode(_der);
        yield return ("its certificates in another order", (parsed with { Certificates = [.. parsed.Certificates.Reverse()] }).Encode());
        yield return ("the intermediate certificate dropped with its digest", (parsed with { Certificates = [parsed.Certificates[0]] }).Encode());
        yield return ("the root added with its digest", (parsed with { Certificates = [.. parsed.Certificates, _publisher.Root.RawDataMemory] }).Encode());
        yield return ("a certificate twice", (parsed with { Certificates = [.. parsed.Certificates, parsed.Certificates[1]] }).Encode());
        yield return ("another serial number", (parsed with { SignerSerial = parsed.SignerSerial + 1 }).Encode());
        yield return ("another issuer", (parsed with { SignerIssuer = _publisher.Root.SubjectName.RawData }).Encode());
        yield return ("P-384's algorithm", (parsed with { Algorithm = SignatureAlgorithm.EcdsaP384 }).Encode());
        yield return ("RSA's algorithm", (parsed with { Algorithm = SignatureAlgorithm.RsaPss }).Encode());
        yield return ("the higher s", (parsed with { Signature = OtherForm(parsed.Signature, 256) }).Encode());
        yield return ("the digest of nothing", (parsed with { MessageDigest = SHA256.HashData([]) }).Encode());
    }

    private IEnumerable<(string What, Action<SignedCms> Alter)> Alterations()
    {
        yield return ("the root added", cms => cms.AddCertificate(_publisher.Root));
        yield return ("a certificate of somebody else added", cms => cms.AddCertificate(_publisher.Certificate));
        yield return ("the intermediate certificate removed", cms => cms.RemoveCertificate(_intermediate));
        yield return ("an unsigned attribute", cms => cms.SignerInfos[0].AddUnsignedAttribute(new Pkcs9DocumentName("x")));
        yield return ("a timestamp that is none", cms => cms.SignerInfos[0].AddUnsignedAttribute(new AsnEncodedData(new Oid(CmsOids.TimestampToken), [0x30, 0x00])));
        yield return ("a second signer", cms =>
        {
            using var withKey = _certificate.CopyWithPrivateKey(_key);
            cms.ComputeSignature(new CmsSigner(withKey) { IncludeOption = X509IncludeOption.EndCertOnly });
        }
        );
        yield return ("a countersignature", cms =>
        {
            using var withKey = _certificate.CopyWithPrivateKey(_key);
            cms.SignerInfos[0].ComputeCounterSignature(new CmsSigner(withKey) { IncludeOption = X509IncludeOption.None });
        }
        );
    }

    private byte[] Sign(Action<CmsSigner> alter, SubjectIdentifierType identifier = SubjectIdentifierType.IssuerAndSerialNumber, bool detached = true)
    {
        using var withKey = _certificate.CopyWithPrivateKey(_key);
        var cms = new SignedCms(new ContentInfo(Content), detached);
        var signer = new CmsSigner(identifier, withKey) { IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid(CmsOids.SigningCertificateV2), SigningCertificate()));
        alter(signer);
        cms.ComputeSignature(signer);
        return cms.Encode();
    }

    // As the format has it, so that only the rest is another.
    private byte[] SigningCertificate()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(_certificate.RawDataMemory.Span));
        }

        return writer.Encode();
    }

    private static void ReplaceCertificate(DerNode cms, byte[] old, DerNode by)
    {
        var (_, siblings) = cms.All().First(found => found.Node.Children is not null && found.Node.Encode().AsSpan().SequenceEqual(old));
        siblings![siblings.FindIndex(node => node.Encode().AsSpan().SequenceEqual(old))] = by;
        siblings.Sort((a, b) => a.Encode().AsSpan().SequenceCompareTo(b.Encode()));
    }

    private static byte[] OtherForm(ReadOnlyMemory<byte> signature, int curveSize)
    {
        var order = curveSize == 256
            ? new BigInteger(P256.Order, isUnsigned: true, isBigEndian: true)
            : BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", System.Globalization.NumberStyles.HexNumber, null);
        var values = new AsnReader(signature, AsnEncodingRules.DER).ReadSequence();
        var (r, s) = (values.ReadInteger(), values.ReadInteger());
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(order - s);
        }

        return writer.Encode();
    }

    private bool ChainsTo(X509Certificate2 issuer, byte[] certificate)
    {
        using var subject = X509CertificateLoader.LoadCertificate(certificate);
        using var chain = new OfflineChain([_publisher.Root], [issuer.RawDataMemory], CmsOids.BundleSigning, TestPublisher.Now);
        return chain.TryBuild(subject);
    }

    private void AssertRefused(string? why, byte[] der)
    {
        var error = Refusal(der);
        Assert.Equal((BundleError.InvalidSignature, BundleSection.Signature), (error?.Error, error?.Section));
        Assert.Contains(why ?? "", error!.Message, StringComparison.Ordinal);
    }

    private BundleException? Refusal(byte[] der)
    {
        try
        {
            SignatureVerifier.Verify(Content, der, "acme", _publisher.Trust, TestPublisher.Now);
            return null;
        }
        catch (BundleException e)
        {
            return e;
        }
    }

    private static X509Certificate2 Issue(string subject, ECDsa key, X509Certificate2 issuer, ECDsa issuerKey, bool authority)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(authority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CmsOids.BundleSigning)], true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), TestPublisher.Now.AddDays(-1), TestPublisher.Now.AddDays(1), [0x40, .. RandomNumberGenerator.GetBytes(8)]);
    }
}
