namespace Coffer.Bundles;

/// <summary>What quota and replacement belong to: (iss, lid). A renewed license keeps it.</summary>
internal readonly record struct GrantId(string Issuer, string LicenseId);
