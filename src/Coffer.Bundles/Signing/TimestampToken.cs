using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// An RFC 3161 time-stamp token in the one shape that FORMAT.md §5 allows. What the authority's signature covers is kept
/// byte for byte; all around it, which anyone could alter, is encoded anew from those values, and only the very bytes that
/// this gives are accepted.
/// </summary>
internal sealed record TimestampToken
{
    /// <summary>The hash that the authority signs with: an object identifier of SHA-256, SHA-384 or SHA-512.</summary>
    public required string HashOid { get; init; }

    /// <summary>The TSTInfo as it was signed.</summary>
    public required ReadOnlyMemory<byte> Info { get; init; }

    /// <summary>DER, the authority's first: those that the attribute signing-certificate-v2 lists, and no others.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Certificates { get; init; }

    /// <summary>Each signed attribute as it was signed.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> SignedAttributes { get; init; }

    /// <summary>DER of (r, s) for ECDSA; the signature's octets for RSA.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <exception cref="CryptographicException">The bytes are not exactly a token of this shape.</exception>
    public static TimestampToken Decode(ReadOnlyMemory<byte> der)
    {
        var token = Read(der);
        using var authority = X509CertificateLoader.LoadCertificate(token.Certificates[0].Span);
        var curveSize = CurveSize(authority);
        Require(curveSize == 0 || EcdsaDer.IsLow(token.Signature, curveSize), "Its timestamp's signature value is not the lower of its two forms.");
        Require(token.Encode().AsSpan().SequenceEqual(der.Span), "Its timestamp is not the one encoding of its values.");
        return token;
    }

    /// <summary>
    /// Takes a token as an authority sends it into this shape: what its signature does not cover is dropped, certificates
    /// among it, and the lower s is taken.
    /// </summary>
    /// <exception cref="CryptographicException">It can't be brought into this shape.</exception>
    public static TimestampToken FromAuthority(ReadOnlyMemory<byte> der)
    {
        var token = Read(der);
        using var authority = X509CertificateLoader.LoadCertificate(token.Certificates[0].Span);
        var curveSize = CurveSize(authority);
        if (curveSize == 0)
        {
            return token;
        }

        var signature = EcdsaDer.TryDecode(token.Signature, curveSize) ?? throw new CryptographicException("The timestamp's signature value is not an ECDSA signature.");
        EcdsaLowS.Normalise(signature, curveSize);
        return token with { Signature = EcdsaDer.Encode(signature) };
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
                // RFC 5652 §5.1: 3, as the content is of another type than data.
                writer.WriteInteger(3);
                using (writer.PushSetOf())
                {
                    WriteAlgorithm(writer, HashOid);
                }

                WriteContent(writer);
                using (writer.PushSetOf(CmsOids.Context0))
                {
                    WriteAll(writer, Certificates);
                }

                using (writer.PushSetOf())
                {
                    WriteSignerInfo(writer);
                }
            }
        }

        return writer.Encode();
    }

    private static TimestampToken Read(ReadOnlyMemory<byte> der)
    {
        TimestampToken token;
        try
        {
            token = TimestampTokenReader.Read(der);
        }
        catch (AsnContentException e)
        {
            throw new CryptographicException("Its timestamp is not the CMS structure of a time-stamp token.", e);
        }

        Require(token.Certificates.Count is > 0 and <= CmsReading.MaxCertificates, $"Its timestamp binds no certificate, or more than {CmsReading.MaxCertificates}.");
        return token;
    }

    private void WriteContent(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOids.TimestampInfo);
            using (writer.PushSequence(CmsOids.Context0))
            {
                writer.WriteOctetString(Info.Span);
            }
        }
    }

    private void WriteSignerInfo(AsnWriter writer)
    {
        using var authority = X509CertificateLoader.LoadCertificate(Certificates[0].Span);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(authority.IssuerName.RawData);
                writer.WriteInteger(new BigInteger(authority.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));
            }

            WriteAlgorithm(writer, HashOid);
            using (writer.PushSetOf(CmsOids.Context0))
            {
                WriteAll(writer, SignedAttributes);
            }

            WriteSignatureAlgorithm(writer, CurveSize(authority));
            writer.WriteOctetString(Signature.Span);
        }
    }

    // RFC 3370 §3.2: RSA's name does not repeat the hash, and its parameters are NULL. RFC 5754 §3.3 for ECDSA.
    private void WriteSignatureAlgorithm(AsnWriter writer, int curveSize)
    {
        if (curveSize != 0)
        {
            WriteAlgorithm(writer, EcdsaOid(HashOid));
            return;
        }

        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOids.RsaEncryption);
            writer.WriteNull();
        }
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }
    }

    private static void WriteAll(AsnWriter writer, IReadOnlyList<ReadOnlyMemory<byte>> values)
    {
        foreach (var value in values)
        {
            writer.WriteEncodedValue(value.Span);
        }
    }

    private static int CurveSize(X509Certificate2 authority)
    {
        using var ecdsa = authority.GetECDsaPublicKey();
        using var rsa = authority.GetRSAPublicKey();
        return (ecdsa, rsa) switch
        {
            ({ KeySize: 256 or 384 }, _) => ecdsa.KeySize,
            (_, { KeySize: >= SignatureAlgorithm.MinRsaKeySize }) => 0,
            _ => throw new CryptographicException($"Its timestamp is signed with a key of another kind than ECDSA on P-256 or P-384, or RSA of at least {SignatureAlgorithm.MinRsaKeySize} bits."),
        };
    }

    private static string EcdsaOid(string hashOid) => hashOid switch
    {
        SignatureAlgorithm.Sha256Oid => "1.2.840.10045.4.3.2",
        SignatureAlgorithm.Sha384Oid => "1.2.840.10045.4.3.3",
        _ => "1.2.840.10045.4.3.4",
    };

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new CryptographicException(otherwise);
        }
    }
}
