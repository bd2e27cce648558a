using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>One publisher in a <see cref="TrustStore"/>.</summary>
/// <param name="Name">The publisher's name, the part of a bundle id before the slash.</param>
/// <param name="Roots">Self-signed certificates; a bundle's signer must chain to one of them.</param>
/// <param name="Issuers">Who may license this publisher's models; others license nothing. In a trust store they are those of <see cref="IssuerSet"/>, where there is one.</param>
public sealed record TrustedPublisher(string Name, IReadOnlyList<X509Certificate2> Roots, IReadOnlyList<TrustedIssuer> Issuers)
{
    /// <summary>
    /// The roots of the timestamp authorities (RFC 3161) that this publisher uses, and certificates between them and the
    /// authorities. Apart from <see cref="Roots"/>: neither stands in for the other. Default: none, which refuses every
    /// bundle that carries a timestamp.
    /// </summary>
    public IReadOnlyList<X509Certificate2> TimestampAuthorities { get; init; } = [];

    /// <summary>The newest issuer set that the publisher signed and that was verified; its issuers and signers count. Default: null, none.</summary>
    public IssuerSet? IssuerSet { get; init; }

    /// <summary>
    /// The keys that sign version 1 of an issuer set, in place of <see cref="Roots"/>: for a publisher whose roots are not on P-256, or
    /// never leave their safe. Default: none, which leaves it to the roots that are.
    /// </summary>
    public IReadOnlyList<JsonWebKey> IssuerSetKeys { get; init; } = [];

    /// <summary>The version of <see cref="IssuerSet"/>; 0 without one. Who remembers the highest notices an older file after a restart.</summary>
    public int IssuerSetVersion => IssuerSet?.Version ?? 0;
}
