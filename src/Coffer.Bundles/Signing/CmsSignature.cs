using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A detached CMS SignedData (RFC 5652) in the one shape that FORMAT.md §5 allows: one signer, its chain without the root,
/// three signed attributes, at most a timestamp outside of them, nothing else. CMS is malleable: decoders accept many
/// encodings of one value. So every value is parsed and encoded again, and only the very bytes that this gives are accepted.
/// </summary>
internal sealed record CmsSignature
{
    public required SignatureAlgorithm Algorithm { get; init; }

    /// <summary>DER, the signer's first.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Certificates { get; init; }

    /// <summary>The signer certificate's issuer, an encoded Name.</summary>
    public required ReadOnlyMemory<byte> SignerIssuer { get; init; }

    /// <summary>The signer certificate's serial number.</summary>
    public required BigInteger SignerSerial { get; init; }

    /// <summary>The digest of header and manifest.</summary>
    public required ReadOnlyMemory<byte> MessageDigest { get; init; }

    /// <summary>DER of (r, s) for ECDSA; the signature's octets for RSA.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>A time-stamp token over <see cref="Signature"/>, in the one encoding of <see cref="TimestampToken"/>; null for none.</summary>
    public TimestampToken? Timestamp { get; init; }

    /// <exception cref="CryptographicException">The bytes are not exactly a signature of this shape.</exception>
    public static CmsSignature Decode(ReadOnlyMemory<byte> der)
    {
        CmsSignature signature;
        try
        {
            signature = CmsSignatureReader.Read(der);
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("It is not the CMS structure of the format.", e);
        }

        Require(signature.Certificates.Count > 0, "It holds no certificate.");
        Require(signature.Algorithm.CurveSize == 0 || EcdsaDer.IsLow(signature.Signature, signature.Algorithm.CurveSize), "The signature value is not the lower of its two forms.");
        Require(signature.Encode().AsSpan().SequenceEqual(der.Span), "It is not the one encoding of its values.");
        return signature;
    }

    /// <summary>The signed attributes as they are signed: a SET OF, not the implicit tag that stands in the structure (RFC 5652 §5.4).</summary>
    public byte[] EncodeSignedAttributes()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        WriteSignedAttributes(writer, tag: null);
        return writer.Encode();
    }

    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOids.SignedData);
            using (writer.PushSequence(CmsOids.Context0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                using (writer.PushSetOf())
                {
                    WriteDigestAlgorithm(writer);
                }

                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(CmsOids.Data);
                }

                using (writer.PushSetOf(CmsOids.Context0))
                {
                    foreach (var certificate in Certificates)
                    {
                        writer.WriteEncodedValue(certificate.Span);
                    }
                }

                using (writer.PushSetOf())
                {
                    WriteSignerInfo(writer);
                }
            }
        }

        return writer.Encode();
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new CryptographicException(otherwise);
        }
    }

    private void WriteSignerInfo(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(SignerIssuer.Span);
                writer.WriteInteger(SignerSerial);
            }

            WriteDigestAlgorithm(writer);
            WriteSignedAttributes(writer, CmsOids.Context0);
            WriteSignatureAlgorithm(writer);
            writer.WriteOctetString(Signature.Span);
            if (Timestamp is not null)
            {
                using (writer.PushSetOf(CmsOids.Context1))
                {
                    WriteAttribute(writer, CmsOids.TimestampToken, () => writer.WriteEncodedValue(Timestamp.Encode()));
                }
            }
        }
    }

    // RFC 5754 §2: the parameters of SHA-2 are absent.
    private void WriteDigestAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Algorithm.HashOid);
        }
    }

    private void WriteSignatureAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Algorithm.Oid);
            if (Algorithm.CurveSize == 0)
            {
                WritePssParameters(writer);
            }
        }
    }

    // RFC 8017 appendix A.2.3 with SHA-256, MGF1 with SHA-256 and a salt as long as the digest.
    private static void WritePssParameters(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence(CmsOids.Context0))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(SignatureAlgorithm.Sha256Oid);
            }

            using (writer.PushSequence(CmsOids.Context1))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(CmsOids.Mgf1);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(SignatureAlgorithm.Sha256Oid);
                }
            }

            using (writer.PushSequence(CmsOids.Context2))
            {
                writer.WriteInteger(SHA256.HashSizeInBytes);
            }
        }
    }

    private void WriteSignedAttributes(AsnWriter writer, Asn1Tag? tag)
    {
        using (writer.PushSetOf(tag))
        {
            WriteAttribute(writer, CmsOids.ContentType, () => writer.WriteObjectIdentifier(CmsOids.Data));
            WriteAttribute(writer, CmsOids.MessageDigest, () => writer.WriteOctetString(MessageDigest.Span));
            WriteAttribute(writer, CmsOids.SigningCertificateV2, () => WriteSigningCertificate(writer));
        }
    }

    private static void WriteAttribute(AsnWriter writer, string oid, Action writeValue)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSetOf())
            {
                writeValue();
            }
        }
    }

    // RFC 5035 §3: binds every embedded certificate, not only the signer's, to the signature. SHA-256 is the default and stays unwritten.
    private void WriteSigningCertificate(AsnWriter writer)
    {
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            foreach (var certificate in Certificates)
            {
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(SHA256.HashData(certificate.Span));
                }
            }
        }
    }
}
