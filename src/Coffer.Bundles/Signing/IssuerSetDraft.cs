namespace Coffer.Bundles;

/// <summary>What the next version of an issuer set is to say. Immutable.</summary>
public sealed record IssuerSetDraft
{
    /// <summary>The P-256 keys that may sign the version after it, 1 to 16.</summary>
    public required IReadOnlyList<JsonWebKey> Keys { get; init; }

    /// <summary>Who may license the publisher's models, at most 64. A name may stand twice, with an old and a new key.</summary>
    public required IReadOnlyList<TrustedIssuer> Issuers { get; init; }

    /// <summary>SHA-256 of the certificates that sign bundles, in DER, lowercase hex, 1 to 256. Default: null, any under the roots.</summary>
    public IReadOnlyList<string>? Signers { get; init; }

    /// <summary>From when it is no longer taken, to the second. Default: null, never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The same as a version that is there.</summary>
    public static IssuerSetDraft From(IssuerSetClaims claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        return new IssuerSetDraft { Keys = claims.Keys, Issuers = claims.Issuers, Signers = claims.Signers, Expires = claims.Expires };
    }
}
