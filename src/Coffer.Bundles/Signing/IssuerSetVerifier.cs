using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// Follows a file from what is trusted, a publisher's roots or the versions that are held already, to its newest version, as The
/// Update Framework rotates its root role (specification §5.3): each version must be signed by a key of the one before.
/// </summary>
internal static class IssuerSetVerifier
{
    /// <exception cref="TrustException">A version is not signed as it must be, or contradicts one that is held.</exception>
    public static IssuerSet Verify(IssuerSetFile file, TrustedPublisher publisher)
    {
        var held = publisher.IssuerSet;
        var current = held?.Find(file.Versions[0].Version - 1);
        foreach (var token in file.Tokens)
        {
            var known = held?.Find(token.Claims.Version);
            current = known?.Token == token.Text ? known : Accept(token, current, known, publisher);
        }

        return held is null || current!.Version >= held.Version
            ? current!
            : throw new TrustException(TrustError.RolledBack, $"The issuer set of '{publisher.Name}' ends with version {current.Version}, and version {held.Version} was accepted before: an old file was put in place of a newer one. Fetch the newest from its publisher.");
    }

    /// <exception cref="TrustException"><see cref="TrustError.SignatureInvalid"/>.</exception>
    public static IssuerSet Follow(IssuerSet previous, IssuerSetToken token) =>
        token.IsSignedBy(previous.Claims.Keys)
            ? new IssuerSet(token, previous)
            : throw new TrustException(TrustError.SignatureInvalid, $"Version {token.Claims.Version} of the issuer set of '{token.Claims.Publisher}' is not signed by a key that version {previous.Version} names. Do not use the file; fetch it again from its publisher.");

    private static IssuerSet Accept(IssuerSetToken token, IssuerSet? previous, IssuerSet? known, TrustedPublisher publisher)
    {
        var set = previous is not null ? Follow(previous, token)
            : token.Claims.Version == 1 ? Begin(token, publisher)
            : known is null ? throw NotLinked(token, publisher)
            : null;
        return known is null
            ? set!
            : throw new TrustException(TrustError.Forked, $"The file has another version {token.Claims.Version} of the issuer set of '{publisher.Name}' than the one that was accepted before: two sets carry the same number. Do not use the file, and tell the publisher.");
    }

    private static IssuerSet Begin(IssuerSetToken token, TrustedPublisher publisher)
    {
        IReadOnlyList<JsonWebKey> anchors = publisher.IssuerSetKeys.Count > 0 ? publisher.IssuerSetKeys : RootKeys(publisher);
        return anchors.Count == 0
            ? throw new TrustException(TrustError.NotLinked, $"No root of '{publisher.Name}' has a key on P-256, so none of them signs issuer sets. Give the key that does in {nameof(TrustedPublisher)}.{nameof(TrustedPublisher.IssuerSetKeys)}.")
            : token.IsSignedBy(anchors)
            ? new IssuerSet(token, previous: null)
            : throw new TrustException(TrustError.SignatureInvalid, $"Version 1 of the issuer set is not signed by a root of '{publisher.Name}' in the trust store. Do not use the file; fetch it again from its publisher.");
    }

    // What stands between roots and signers (OfflineChain) is there to sign certificates alone. A root's dates don't matter here:
    // a set has its own.
    private static List<JsonWebKey> RootKeys(TrustedPublisher publisher) =>
        [.. publisher.Roots.Where(OfflineChain.IsSelfIssued).Select(TryReadKey).OfType<JsonWebKey>()];

    private static JsonWebKey? TryReadKey(X509Certificate2 root)
    {
        try
        {
            using var key = root.GetECDsaPublicKey();
            return key is null ? null : JsonWebKey.FromECDsa(key);
        }
        catch (Exception e) when (e is KeyException or CryptographicException)
        {
            return null;
        }
    }

    private static TrustException NotLinked(IssuerSetToken token, TrustedPublisher publisher) => new(
        TrustError.NotLinked,
        publisher.IssuerSet is null
            ? $"The issuer set of '{publisher.Name}' begins with version {token.Claims.Version}, and nothing in the trust store leads to it. Fetch the file with every version from 1, or pin this one in the application."
            : $"The issuer set of '{publisher.Name}' begins with version {token.Claims.Version}, and the trust store holds version {publisher.IssuerSet.Version}. Fetch the file with the versions between.");
}
