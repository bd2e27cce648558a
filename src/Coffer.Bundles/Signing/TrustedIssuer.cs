namespace Coffer.Bundles;

/// <summary>One license issuer of a publisher.</summary>
/// <param name="Name">The <c>iss</c> claim of the licenses that it signs.</param>
/// <param name="Key">Its P-256 verification key.</param>
public sealed record TrustedIssuer(string Name, JsonWebKey Key);
