using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// Checks a detached signature in the order of FORMAT.md §5: its one encoding, what its certificate is for, its value over the
/// content, its timestamp, then the chain to a root of this publisher at the timestamp's time or now, without downloads, and whether
/// the publisher still signs with it.
/// </summary>
internal static class SignatureVerifier
{
    /// <exception cref="BundleException">One of the checks failed.</exception>
    public static BundleSignature Verify(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> der, string publisher, TrustStore trust, DateTimeOffset now)
    {
        var signature = Decode(der);
        using var signer = LoadSigner(signature);
        try
        {
            return Verify(content, der, signature, signer, publisher, trust, now);
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException)
        {
            // A certificate's extensions and what stands beside it are read late, and whoever forges a bundle writes them. The platform's
            // CMS throws the second when it fails while it writes attributes again.
            throw Invalid("A certificate in it can't be read.", e);
        }
    }

    private static BundleSignature Verify(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> der, CmsSignature signature, X509Certificate2 signer, string publisher, TrustStore trust, DateTimeOffset now)
    {
        CheckUsage(signer);
        CheckSignatureValue(content, der, signature);
        if (!trust.Publishers.TryGetValue(publisher, out var trusted))
        {
            throw new BundleException(BundleError.UntrustedSigner, BundleSection.Signature, $"The bundle's publisher '{publisher}' is not in the trust store. If you trust it, add its root certificate.");
        }

        // What was signed while the certificate was valid stays signed: with a timestamp its time is the one that counts.
        var timestamp = signature.Timestamp is null ? (DateTimeOffset?)null : TimestampVerifier.Verify(signature.Timestamp, signature.Signature, trusted, now);
        CheckChain(signer, signature, trusted, timestamp ?? now);
        var verified = BundleSignature.Of(signature.Algorithm, signer, timestamp);
        CheckNotRetired(verified, trusted);
        return verified;
    }

    /// <exception cref="BundleException">It is not a signature of the profile.</exception>
    public static CmsSignature Decode(ReadOnlyMemory<byte> der)
    {
        try
        {
            return CmsSignature.Decode(der);
        }
        catch (CryptographicException e)
        {
            throw Invalid(e.Message, e);
        }
    }

    /// <exception cref="BundleException">The signer's certificate can't be read.</exception>
    public static X509Certificate2 LoadSigner(CmsSignature signature)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(signature.Certificates[0].Span);
        }
        catch (CryptographicException e)
        {
            throw Invalid("Its first certificate can't be read.", e);
        }
    }

    /// <summary>Whether a certificate was issued for signing bundles (FORMAT.md §5): it says so, and is no authority's.</summary>
    public static bool IsForSigningBundles(X509Certificate2 signer)
    {
        var usage = signer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault();
        var extended = signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        var constraints = signer.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        return usage?.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature) == true
            && extended?.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == CmsOids.BundleSigning) == true
            && constraints?.CertificateAuthority != true;
    }

    // An independent decoder checks what ours took apart: both must see the same signer and the same content.
    private static void CheckSignatureValue(ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> der, CmsSignature signature)
    {
        try
        {
            var cms = new SignedCms(new ContentInfo(content.ToArray()), detached: true);
            cms.Decode(der.Span);
            cms.CheckSignature(verifySignatureOnly: true);
            var certificate = cms.SignerInfos[0].Certificate;
            if (cms.SignerInfos.Count == 1
                && certificate is not null
                && certificate.RawDataMemory.Span.SequenceEqual(signature.Certificates[0].Span)
                && KeyFits(certificate, signature.Algorithm))
            {
                return;
            }
        }
        catch (CryptographicException e)
        {
            throw SignsOtherContent(content.Span, signature)
                ? new BundleException(BundleError.ContentAltered, BundleSection.SignedContent, "The bundle's header or manifest is not what its publisher signed. Do not use the file; fetch it again from its publisher.", e)
                : Invalid("Its value does not verify.", e);
        }

        throw Invalid("Its signer is not the certificate that it names first, or has another kind of key.");
    }

    // For the message alone: a sound signature over another content says that header or manifest changed, not the signature.
    private static bool SignsOtherContent(ReadOnlySpan<byte> content, CmsSignature signature)
    {
        var (hash, attributes) = (signature.Algorithm.Hash, signature.EncodeSignedAttributes());
        if (CryptographicOperations.HashData(hash, content).AsSpan().SequenceEqual(signature.MessageDigest.Span))
        {
            return false;
        }

        try
        {
            using var signer = X509CertificateLoader.LoadCertificate(signature.Certificates[0].Span);
            using var ecdsa = signer.GetECDsaPublicKey();
            using var rsa = signer.GetRSAPublicKey();
            return ecdsa?.VerifyData(attributes, signature.Signature.Span, hash, DSASignatureFormat.Rfc3279DerSequence)
                ?? rsa?.VerifyData(attributes, signature.Signature.Span, hash, RSASignaturePadding.Pss)
                ?? false;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool KeyFits(X509Certificate2 certificate, SignatureAlgorithm algorithm)
    {
        using AsymmetricAlgorithm? key = algorithm.CurveSize == 0 ? certificate.GetRSAPublicKey() : certificate.GetECDsaPublicKey();
        return key is not null && (algorithm.CurveSize == 0 ? key.KeySize >= SignatureAlgorithm.MinRsaKeySize : key.KeySize == algorithm.CurveSize);
    }

    private static void CheckUsage(X509Certificate2 signer)
    {
        if (!IsForSigningBundles(signer))
        {
            throw new BundleException(
                BundleError.SignerWrongUsage,
                BundleSection.Signature,
                $"The bundle is signed with '{signer.Subject}', a certificate that was not issued for signing bundles. The publisher must sign with one that has the key usage digitalSignature and the extended key usage {CmsOids.BundleSigning}.");
        }
    }

    private static void CheckChain(X509Certificate2 signer, CmsSignature signature, TrustedPublisher publisher, DateTimeOffset time)
    {
        using var chain = new OfflineChain(publisher.Roots, signature.Certificates.Skip(1), CmsOids.BundleSigning, time);
        if (!chain.TryBuild(signer))
        {
            throw Untrusted(signer, chain, publisher.Name, time);
        }
    }

    // A timestamp does not help: whoever stole a key may have signed and stamped before anybody knew.
    private static void CheckNotRetired(BundleSignature signature, TrustedPublisher publisher)
    {
        if (publisher.IssuerSet?.Claims.Signers is { } signers && !signers.Contains(signature.CertificateDigest, StringComparer.Ordinal))
        {
            throw new BundleException(BundleError.SignerRetired, BundleSection.Signature, $"The bundle is signed with the certificate {signature.CertificateDigest} of '{signature.Signer}', and '{publisher.Name}' no longer signs with it (issuer set, version {publisher.IssuerSetVersion}). Get a bundle that the publisher signed again.");
        }
    }

    private static BundleException Untrusted(X509Certificate2 signer, OfflineChain chain, string publisher, DateTimeOffset time)
    {
        var status = chain.Status;
        const X509ChainStatusFlags NotTrusted = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;
        if ((status & NotTrusted) != 0 || (status & X509ChainStatusFlags.NotTimeValid) == 0)
        {
            return (status & X509ChainStatusFlags.NotValidForUsage) != 0 && (status & NotTrusted) == 0
                ? new BundleException(BundleError.SignerWrongUsage, BundleSection.Signature, $"A certificate between '{signer.Subject}' and its root was not issued for signing bundles.")
                : new BundleException(BundleError.UntrustedSigner, BundleSection.Signature, $"The bundle is signed by '{signer.Subject}', which does not chain to a root of '{publisher}' in the trust store ({status}). Do not use the file unless you trust that signer and add its root.");
        }

        var early = chain.Certificates.FirstOrDefault(certificate => time < new DateTimeOffset(certificate.NotBefore));
        if (early is not null)
        {
            return new BundleException(BundleError.SignerNotYetValid, BundleSection.Signature, $"The certificate '{early.Subject}' is valid from {early.NotBefore.ToUniversalTime():u}; it was asked for {time:u}, the clock's time or the signature's timestamp. Set the clock, or wait.");
        }

        var late = chain.Certificates.FirstOrDefault(certificate => time > new DateTimeOffset(certificate.NotAfter)) ?? signer;
        return new BundleException(BundleError.SignerExpired, BundleSection.Signature, $"The certificate '{late.Subject}' was valid until {late.NotAfter.ToUniversalTime():u}; it was asked for {time:u}, the clock's time or the signature's timestamp. Get a bundle that the publisher signed again.");
    }

    private static BundleException Invalid(string what, Exception? cause = null) =>
        new(BundleError.InvalidSignature, BundleSection.Signature, $"The bundle's signature is refused. {what} Do not use the file; fetch it again from its publisher.", cause);
}
