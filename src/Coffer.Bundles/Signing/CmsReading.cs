using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>What reading a signature and reading a time-stamp token begin with: both are CMS SignedData (RFC 5652 §5.1).</summary>
internal static class CmsReading
{
    /// <summary>The most certificates of a signature or a token (FORMAT.md §5). Checked while they are read: what follows hashes each of them.</summary>
    public const int MaxCertificates = 8;

    /// <summary>The SignedData behind its version and digest algorithms, at the encapsulated content.</summary>
    /// <exception cref="AsnContentException">The structure is another one.</exception>
    public static AsnReader OpenSignedData(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var contentInfo = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        contentInfo.ReadObjectIdentifier();
        var signedData = contentInfo.ReadSequence(CmsOids.Context0).ReadSequence();
        signedData.ReadInteger();
        signedData.ReadSetOf();
        return signedData;
    }

    /// <exception cref="CryptographicException">There are more than <see cref="MaxCertificates"/>.</exception>
    public static List<ReadOnlyMemory<byte>> ReadCertificates(AsnReader set)
    {
        var certificates = new List<ReadOnlyMemory<byte>>();
        while (set.HasData)
        {
            if (certificates.Count == MaxCertificates)
            {
                throw new CryptographicException($"It holds more than {MaxCertificates} certificates.");
            }

            certificates.Add(set.ReadEncodedValue());
        }

        return certificates;
    }
}
