using System.Formats.Asn1;

namespace Coffer.Bundles;

/// <summary>Object identifiers and tags of the CMS profile (FORMAT.md §5).</summary>
internal static class CmsOids
{
    /// <summary>RFC 5652 §4.</summary>
    public const string Data = "1.2.840.113549.1.7.1";

    /// <summary>RFC 5652 §5.1.</summary>
    public const string SignedData = "1.2.840.113549.1.7.2";

    /// <summary>RFC 5652 §11.1.</summary>
    public const string ContentType = "1.2.840.113549.1.9.3";

    /// <summary>RFC 5652 §11.2.</summary>
    public const string MessageDigest = "1.2.840.113549.1.9.4";

    /// <summary>RFC 5035 §3.</summary>
    public const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";

    /// <summary>RFC 3161 appendix A.</summary>
    public const string TimestampToken = "1.2.840.113549.1.9.16.2.14";

    /// <summary>RFC 3161 §2.4.2.</summary>
    public const string TimestampInfo = "1.2.840.113549.1.9.16.1.4";

    /// <summary>RFC 5280 §4.2.1.12, id-kp-timeStamping.</summary>
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    /// <summary>RFC 3370 §3.2.</summary>
    public const string RsaEncryption = "1.2.840.113549.1.1.1";

    /// <summary>RFC 8017 appendix B.2.1.</summary>
    public const string Mgf1 = "1.2.840.113549.1.1.8";

    /// <summary>
    /// Extended key usage of a certificate that signs bundles: a UUID in the arc that Microsoft documents for identifiers
    /// without registration, whose numbers stay small enough for every platform's certificate store.
    /// </summary>
    public const string BundleSigning = "1.2.840.113556.1.8000.2554.49823.20231.24834.19326.36295.3140947.2326237";

    public static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    public static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);
    public static readonly Asn1Tag Context2 = new(TagClass.ContextSpecific, 2);
}
