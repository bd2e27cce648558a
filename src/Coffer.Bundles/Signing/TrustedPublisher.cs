using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>One publisher in a <see cref="TrustStore"/>.</summary>
/// <param name="Name">The publisher's name, the part of a bundle id before the slash.</param>
/// <param name="Roots">Self-signed certificates; a bundle's signer must chain to one of them.</param>
/// <param name="Issuers">Who may license this publisher's models; others license nothing.</param>
public sealed record TrustedPublisher(string Name, IReadOnlyList<X509Certificate2> Roots, IReadOnlyList<TrustedIssuer> Issuers)
{
    /// <summary>
    /// The roots of the timestamp authorities (RFC 3161) that this publisher uses, and certificates between them and the
    /// authorities. Apart from <see cref="Roots"/>: neither stands in for the other. Default: none, which refuses every
    /// bundle that carries a timestamp.
    /// </summary>
    public IReadOnlyList<X509Certificate2> TimestampAuthorities { get; init; } = [];
}
