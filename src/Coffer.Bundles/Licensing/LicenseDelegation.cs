namespace Coffer.Bundles;

/// <summary>Who may add a narrower token below this one: <c>delegate</c>.</summary>
/// <param name="Key">The P-256 key that signs the token below.</param>
/// <param name="Depth">How many tokens may follow one another below this one; at least 1.</param>
public sealed record LicenseDelegation(JsonWebKey Key, int Depth);
