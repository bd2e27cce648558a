using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// Checks a bundle signature's timestamp (FORMAT.md §5): that the token is for this signature, its own signature, what its
/// authority's certificate is for, the chain to a timestamp root of this publisher at the token's time, and that this time is not to come.
/// </summary>
internal static class TimestampVerifier
{
    /// <summary>How far an authority's clock may run ahead of ours.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    /// <returns>The time at which the signature was there, UTC.</returns>
    /// <exception cref="BundleException">One of the checks failed.</exception>
    public static DateTimeOffset Verify(TimestampToken timestamp, ReadOnlyMemory<byte> signature, TrustedPublisher publisher, DateTimeOffset now)
    {
        DateTimeOffset time;
        try
        {
            var token = Parse(timestamp);
            using var authority = CheckSignature(token, timestamp, signature);
            time = token.TokenInfo.Timestamp.ToUniversalTime();
            CheckChain(authority, timestamp, publisher, time);
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException)
        {
            // As in SignatureVerifier: a certificate's extensions are read late.
            throw Invalid("A certificate in it can't be read.", e);
        }

        return time <= now + Leeway
            ? time
            : throw Invalid($"It is of {time:u}; the clock says {now:u}. Set the clock.");
    }

    /// <summary>The time that a token claims, UTC.</summary>
    /// <exception cref="BundleException">The token can't be read.</exception>
    public static DateTimeOffset ReadTime(TimestampToken timestamp) => Parse(timestamp).TokenInfo.Timestamp.ToUniversalTime();

    private static Rfc3161TimestampToken Parse(TimestampToken timestamp)
    {
        var der = timestamp.Encode();
        try
        {
            if (Rfc3161TimestampToken.TryDecode(der, out var token, out var consumed) && consumed == der.Length)
            {
                return token;
            }
        }
        catch (Exception e) when (e is CryptographicException or InvalidOperationException)
        {
            // Decoding verifies, too: attributes that the platform can't write again end there.
            throw Invalid("It is not a time-stamp token of RFC 3161.", e);
        }

        throw Invalid("It is not a time-stamp token of RFC 3161.");
    }

    private static X509Certificate2 CheckSignature(Rfc3161TimestampToken token, TimestampToken timestamp, ReadOnlyMemory<byte> signature)
    {
        var digest = SHA256.HashData(signature.Span);
        if (token.TokenInfo.HashAlgorithmId.Value != SignatureAlgorithm.Sha256Oid || !token.TokenInfo.GetMessageHash().Span.SequenceEqual(digest))
        {
            throw Invalid("It was issued for another signature, or not over SHA-256.");
        }

        // For the message alone; the platform's check below includes it.
        var authority = X509CertificateLoader.LoadCertificate(timestamp.Certificates[0].Span);
        if (!IsForTimestampsAlone(authority))
        {
            throw Invalid($"It is signed with '{authority.Subject}', a certificate that was not issued for timestamps alone.");
        }

        try
        {
            if (token.VerifySignatureForHash(digest, HashAlgorithmName.SHA256, out var signer) && signer.RawDataMemory.Span.SequenceEqual(authority.RawDataMemory.Span))
            {
                return authority;
            }
        }
        catch (CryptographicException e)
        {
            throw Invalid("Its value does not verify.", e);
        }

        throw Invalid("Its value does not verify, or its authority's certificate was not valid at its time.");
    }

    // RFC 3161 §2.3: the one extended key usage, and critical.
    private static bool IsForTimestampsAlone(X509Certificate2 authority) =>
        authority.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault() is { Critical: true, EnhancedKeyUsages: { Count: 1 } usages }
        && usages[0].Value == CmsOids.TimeStamping;

    private static void CheckChain(X509Certificate2 authority, TimestampToken timestamp, TrustedPublisher publisher, DateTimeOffset time)
    {
        if (publisher.TimestampAuthorities.Count == 0)
        {
            throw Invalid($"The trust store names no timestamp authority for '{publisher.Name}'. Add the root of '{authority.Issuer}' if you trust it.");
        }

        using var chain = new OfflineChain(publisher.TimestampAuthorities, timestamp.Certificates.Skip(1), CmsOids.TimeStamping, time);
        if (!chain.TryBuild(authority))
        {
            throw Invalid($"Its authority '{authority.Subject}' does not chain to a timestamp root of '{publisher.Name}' in the trust store ({chain.Status}). Add the root, and what stands between, if you trust them.");
        }
    }

    private static BundleException Invalid(string what, Exception? cause = null) =>
        new(BundleError.TimestampInvalid, BundleSection.Signature, $"The timestamp of the bundle's signature is refused. {what} Otherwise fetch the bundle again from its publisher.", cause);
}
