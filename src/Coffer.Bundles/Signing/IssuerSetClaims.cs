namespace Coffer.Bundles;

/// <summary>
/// What one version of a publisher's issuer set says. In an <see cref="IssuerSetFile"/> a claim, in an
/// <see cref="IssuerSet"/> a fact.
/// </summary>
public sealed record IssuerSetClaims
{
    /// <summary>Whose set it is: <c>iss</c>.</summary>
    public required string Publisher { get; init; }

    /// <summary>Its number, from 1 and without gaps: <c>ver</c>.</summary>
    public required int Version { get; init; }

    /// <summary>When it was signed, by the publisher's clock, in whole seconds: <c>iat</c>. Nothing is decided by it.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>From when it is no longer taken: <c>exp</c>; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The P-256 keys that may sign the next version, 1 to 16: <c>keys</c>.</summary>
    public required IReadOnlyList<JsonWebKey> Keys { get; init; }

    /// <summary>Who may license the publisher's models now, at most 64; others license nothing: <c>issuers</c>.</summary>
    public required IReadOnlyList<TrustedIssuer> Issuers { get; init; }

    /// <summary>
    /// SHA-256 of each certificate, in DER, that signs the publisher's bundles now; lowercase hex, 1 to 256: <c>signers</c>.
    /// Null: any that chains to one of its roots.
    /// </summary>
    public IReadOnlyList<string>? Signers { get; init; }
}
