using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// Takes the values out of a CMS SignedData. What it skips, for example the parameters of an algorithm, is no gap:
/// <see cref="CmsSignature.Decode"/> encodes the values again and compares every byte.
/// </summary>
internal static class CmsSignatureReader
{
    /// <exception cref="AsnContentException">The structure is another one.</exception>
    /// <exception cref="CryptographicException">A value is not one that the profile allows.</exception>
    public static CmsSignature Read(ReadOnlyMemory<byte> der)
    {
        var signedData = CmsReading.OpenSignedData(der);
        signedData.ReadSequence();
        var certificates = CmsReading.ReadCertificates(signedData.ReadSetOf(CmsOids.Context0));
        return ReadSignerInfo(signedData.ReadSetOf().ReadSequence(), certificates);
    }

    private static CmsSignature ReadSignerInfo(AsnReader signerInfo, List<ReadOnlyMemory<byte>> certificates)
    {
        signerInfo.ReadInteger();
        var signerId = signerInfo.ReadSequence();
        var issuer = signerId.ReadEncodedValue();
        var serial = signerId.ReadInteger();
        signerInfo.ReadSequence();
        var (messageDigest, certificateDigests) = ReadSignedAttributes(signerInfo.ReadSetOf(CmsOids.Context0));
        var algorithm = ReadAlgorithm(signerInfo.ReadSequence());
        return new CmsSignature
        {
            Algorithm = algorithm,
            Certificates = Order(certificates, certificateDigests),
            SignerIssuer = issuer,
            SignerSerial = serial,
            MessageDigest = messageDigest,
            Signature = signerInfo.ReadOctetString(),
            Timestamp = signerInfo.HasData ? ReadTimestamp(signerInfo.ReadSetOf(CmsOids.Context1)) : null,
        };
    }

    private static TimestampToken ReadTimestamp(AsnReader attributes)
    {
        var attribute = attributes.ReadSequence();
        attribute.ReadObjectIdentifier();
        return TimestampToken.Decode(attribute.ReadSetOf().ReadEncodedValue());
    }

    private static (byte[] MessageDigest, List<byte[]> CertificateDigests) ReadSignedAttributes(AsnReader attributes)
    {
        byte[] messageDigest = [];
        var certificateDigests = new List<byte[]>();
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            var oid = attribute.ReadObjectIdentifier();
            var value = attribute.ReadSetOf();
            if (oid == CmsOids.MessageDigest)
            {
                messageDigest = value.ReadOctetString();
            }
            else if (oid == CmsOids.SigningCertificateV2)
            {
                var certificates = value.ReadSequence().ReadSequence();
                while (certificates.HasData)
                {
                    certificateDigests.Add(certificates.ReadSequence().ReadOctetString());
                }
            }
        }

        return (messageDigest, certificateDigests);
    }

    private static SignatureAlgorithm ReadAlgorithm(AsnReader identifier)
    {
        var oid = identifier.ReadObjectIdentifier();
        return SignatureAlgorithm.All.FirstOrDefault(algorithm => algorithm.Oid == oid)
            ?? throw new CryptographicException("Its signature algorithm is not one of the format.");
    }

    // The structure holds certificates in DER's order of a SET; the attribute, the signer's first, in the signer's.
    private static List<ReadOnlyMemory<byte>> Order(List<ReadOnlyMemory<byte>> certificates, List<byte[]> digests)
    {
        if (digests.Count != certificates.Count)
        {
            throw new CryptographicException("It does not bind every certificate that it holds.");
        }

        return digests.ConvertAll(digest =>
        {
            var index = certificates.FindIndex(certificate => SHA256.HashData(certificate.Span).AsSpan().SequenceEqual(digest));
            return index >= 0 ? certificates[index] : throw new CryptographicException("It binds a certificate that it does not hold.");
        });
    }
}
