using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>A timestamp authority (RFC 3161) that signs deterministically, and says whatever it is told to.</summary>
internal sealed class CorpusAuthority(X509Certificate2 certificate, ECDsa key)
{
    /// <summary>A token over a signature's octets, or over other bytes for one that is wrong.</summary>
    public TimestampToken Sign(ReadOnlySpan<byte> signature, DateTimeOffset time)
    {
        var info = Info(SHA256.HashData(signature), time);
        byte[][] attributes =
        [
            Attribute(CmsOids.ContentType, writer => writer.WriteObjectIdentifier(CmsOids.TimestampInfo)),
            Attribute(CmsOids.MessageDigest, writer => writer.WriteOctetString(SHA256.HashData(info))),
            Attribute(CmsOids.SigningCertificateV2, WriteSigningCertificate),
        ];
        var unsigned = new AsnWriter(AsnEncodingRules.DER);
        using (unsigned.PushSetOf())
        {
            foreach (var attribute in attributes)
            {
                unsigned.WriteEncodedValue(attribute);
            }
        }

        return new TimestampToken
        {
            HashOid = SignatureAlgorithm.Sha256Oid,
            Info = info,
            Certificates = [certificate.RawDataMemory],
            SignedAttributes = [.. attributes.Select(attribute => (ReadOnlyMemory<byte>)attribute)],
            Signature = EcdsaDer.Encode(EcdsaLowS.SignHash(key, SHA256.HashData(unsigned.Encode()))),
        };
    }

    // TSTInfo (RFC 3161 §2.4.2): version, policy, imprint, serial number, time.
    private static byte[] Info(byte[] digest, DateTimeOffset time)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteObjectIdentifier("1.2.3.4.1");
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(SignatureAlgorithm.Sha256Oid);
                }

                writer.WriteOctetString(digest);
            }

            writer.WriteInteger(7);
            writer.WriteGeneralizedTime(time, omitFractionalSeconds: true);
        }

        return writer.Encode();
    }

    private static byte[] Attribute(string oid, Action<AsnWriter> writeValue)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSetOf())
            {
                writeValue(writer);
            }
        }

        return writer.Encode();
    }

    private void WriteSigningCertificate(AsnWriter writer)
    {
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteOctetString(SHA256.HashData(certificate.RawDataMemory.Span));
        }
    }
}
