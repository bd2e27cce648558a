namespace Coffer.Bundles;

/// <summary>One token of a verified license.</summary>
/// <param name="Claims">What it states.</param>
/// <param name="SignedBy">The key that its signature was checked with, and that its status lists must be signed with.</param>
/// <param name="Grant">What its quota and its number are counted under.</param>
internal sealed record LicenseToken(LicenseClaims Claims, JsonWebKey SignedBy, GrantId Grant)
{
    public static LicenseToken First(LicenseClaims claims, JsonWebKey issuer) => new(claims, issuer, claims.Grant);

    // A delegate may call itself anything: its key, not its name, separates what it grants from what others do.
    public static LicenseToken Below(LicenseToken first, LicenseClaims claims, JsonWebKey key) =>
        new(claims, key, new GrantId($"{first.Claims.Issuer}/{key.Thumbprint}", claims.LicenseId));
}
