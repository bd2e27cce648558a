using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// Takes the values out of a time-stamp token. What it skips is no gap: <see cref="TimestampToken.Decode"/> encodes the
/// values again and compares every byte.
/// </summary>
internal static class TimestampTokenReader
{
    /// <exception cref="AsnContentException">The structure is another one.</exception>
    /// <exception cref="CryptographicException">A value is not one that the profile allows.</exception>
    public static TimestampToken Read(ReadOnlyMemory<byte> der)
    {
        var signedData = CmsReading.OpenSignedData(der);
        var content = signedData.ReadSequence();
        content.ReadObjectIdentifier();
        var info = content.ReadSequence(CmsOids.Context0).ReadOctetString();

        // An authority may send its certificates in any order; ours is DER's, which the comparison of encodings enforces.
        var certificates = CmsReading.ReadCertificates(signedData.ReadSetOf(skipSortOrderValidation: true, CmsOids.Context0));
        return ReadSignerInfo(signedData.ReadSetOf().ReadSequence(), info, certificates);
    }

    private static TimestampToken ReadSignerInfo(AsnReader signerInfo, byte[] info, List<ReadOnlyMemory<byte>> certificates)
    {
        signerInfo.ReadInteger();
        signerInfo.ReadSequence();
        var hashOid = signerInfo.ReadSequence().ReadObjectIdentifier();
        _ = Hash(hashOid);
        var attributes = ReadAll(signerInfo.ReadSetOf(CmsOids.Context0)).ConvertAll(EncodeAgain);
        signerInfo.ReadSequence();
        return new TimestampToken
        {
            HashOid = hashOid,
            Info = info,
            Certificates = BoundCertificates(attributes, certificates),
            SignedAttributes = attributes,
            Signature = signerInfo.ReadOctetString(),
        };
    }

    private static List<ReadOnlyMemory<byte>> ReadAll(AsnReader set)
    {
        var values = new List<ReadOnlyMemory<byte>>();
        while (set.HasData)
        {
            values.Add(set.ReadEncodedValue());
        }

        return values;
    }

    // RFC 5652 §5.4: what is signed is an attribute's DER, whatever stands in the structure. The platform makes that DER of any BER before it
    // verifies, so that the lengths around type and values are nobody's word; the values count byte for byte.
    private static ReadOnlyMemory<byte> EncodeAgain(ReadOnlyMemory<byte> bytes)
    {
        var attribute = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
        var oid = attribute.ReadObjectIdentifier();
        var values = ReadAll(attribute.ReadSetOf());
        attribute.ThrowIfNotEmpty();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushSetOf())
            {
                values.ForEach(value => writer.WriteEncodedValue(value.Span));
            }
        }

        return writer.Encode();
    }

    // RFC 5816: version 2 of the attribute. Version 1 knows only SHA-1, for which certificates collide.
    private static List<ReadOnlyMemory<byte>> BoundCertificates(List<ReadOnlyMemory<byte>> attributes, List<ReadOnlyMemory<byte>> certificates)
    {
        foreach (var bytes in attributes)
        {
            var attribute = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
            if (attribute.ReadObjectIdentifier() == CmsOids.SigningCertificateV2)
            {
                return Select(attribute.ReadSetOf().ReadSequence().ReadSequence(), certificates);
            }
        }

        throw new CryptographicException("Its timestamp does not bind its authority's certificate with the attribute signing-certificate-v2 (RFC 5816).");
    }

    private static List<ReadOnlyMemory<byte>> Select(AsnReader ids, List<ReadOnlyMemory<byte>> certificates)
    {
        var bound = new List<ReadOnlyMemory<byte>>();
        while (ids.HasData)
        {
            var id = ids.ReadSequence();
            var hash = id.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence) ? Hash(id.ReadSequence().ReadObjectIdentifier()) : HashAlgorithmName.SHA256;
            var digest = id.ReadOctetString();
            var index = certificates.FindIndex(certificate => CryptographicOperations.HashData(hash, certificate.Span).AsSpan().SequenceEqual(digest));
            bound.Add(index >= 0 ? certificates[index] : throw new CryptographicException("Its timestamp binds a certificate that it does not hold."));
        }

        return bound;
    }

    private static HashAlgorithmName Hash(string oid) => oid switch
    {
        SignatureAlgorithm.Sha256Oid => HashAlgorithmName.SHA256,
        SignatureAlgorithm.Sha384Oid => HashAlgorithmName.SHA384,
        SignatureAlgorithm.Sha512Oid => HashAlgorithmName.SHA512,
        _ => throw new CryptographicException("Its timestamp uses another hash than SHA-256, SHA-384 or SHA-512."),
    };
}
