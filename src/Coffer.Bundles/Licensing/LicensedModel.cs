namespace Coffer.Bundles;

/// <summary>One model that a license names.</summary>
/// <param name="Id">The full id, <c>publisher/name</c>.</param>
/// <param name="Versions">Which versions; in a token, absent means every version.</param>
/// <param name="ManifestDigest">The one manifest that is licensed, as <see cref="VerifiedBundle.ManifestDigest"/> has it; null for any.</param>
public sealed record LicensedModel(string Id, VersionRange Versions, string? ManifestDigest = null);
