using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;

namespace Coffer.Tests.Signing;

/// <summary>Authorities under a trusted root that must not count, and that openssl would not make.</summary>
internal static class WrongTimestampAuthority
{
    /// <summary>The content of a genuine token, signed by another authority under the same root, which openssl would not let sign.</summary>
    public static TimestampToken SignAgain(this TestTimestampAuthority authority, TimestampToken genuine, bool critical, DateTimeOffset notAfter, params string[] usages)
    {
        using var rootKey = ECDsa.Create();
        rootKey.ImportFromPem(File.ReadAllText(authority.RootKeyPath));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256);
        var oids = new OidCollection();
        foreach (var usage in usages)
        {
            oids.Add(new Oid(usage));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, critical));
        using var certificate = request.Create(authority.Root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), notAfter.AddHours(-1), notAfter, [1, 2, 3]);
        using var withKey = certificate.CopyWithPrivateKey(key);
        var cms = new SignedCms(new ContentInfo(new Oid(CmsOids.TimestampInfo), genuine.Info.ToArray()));
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, withKey) { IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid(CmsOids.SigningCertificateV2), SigningCertificate(certificate)));
        cms.ComputeSignature(signer);
        return TimestampToken.FromAuthority(cms.Encode());
    }

    private static byte[] SigningCertificate(X509Certificate2 certificate)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(certificate.RawDataMemory.Span));
        }

        return writer.Encode();
    }
}
