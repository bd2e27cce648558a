using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>What a signature says of itself. On a <see cref="SignedBundle"/> a claim, on a <see cref="VerifiedBundle"/> a fact.</summary>
/// <param name="Algorithm">For example <c>ECDSA P-256, SHA-256</c>.</param>
/// <param name="Signer">The signing certificate's subject.</param>
/// <param name="CertificateDigest">SHA-256 of the signing certificate, lowercase hex.</param>
/// <param name="NotBefore">The certificate is valid from here, UTC.</param>
/// <param name="NotAfter">The certificate is valid until here, UTC.</param>
public sealed record BundleSignature(string Algorithm, string Signer, string CertificateDigest, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>When the signature was there, by the word of a timestamp authority (RFC 3161), UTC; null without a timestamp.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    internal static BundleSignature Of(SignatureAlgorithm algorithm, X509Certificate2 certificate, DateTimeOffset? timestamp) => new(
        algorithm.Name,
        certificate.Subject,
        Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span)),
        new DateTimeOffset(certificate.NotBefore).ToUniversalTime(),
        new DateTimeOffset(certificate.NotAfter).ToUniversalTime())
    {
        Timestamp = timestamp,
    };
}
