namespace Coffer.Bundles;

/// <summary>A signing certificate that an issuer revokes.</summary>
/// <param name="CertificateDigest">SHA-256 of the certificate, lowercase hex.</param>
/// <param name="After">
/// What was signed from here on is refused, and what has no timestamp, since nobody knows when it was signed; null refuses everything.
/// </param>
public sealed record RevokedSigner(string CertificateDigest, DateTimeOffset? After)
{
    internal bool Refuses(BundleSignature signature) =>
        signature.CertificateDigest == CertificateDigest && (After is null || signature.Timestamp is null || signature.Timestamp >= After);
}
