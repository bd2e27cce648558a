namespace Coffer.Bundles;

/// <summary>What a license decides about: a manifest that was verified, its digest, and who signed it.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="ManifestDigest">SHA-256 of header and manifest, lowercase hex.</param>
/// <param name="Signature">The signature; null where a test has none.</param>
internal sealed record OpenedBundle(BundleManifest Manifest, string ManifestDigest, BundleSignature? Signature)
{
    public static OpenedBundle Of(VerifiedBundle bundle) => new(bundle.Manifest, bundle.ManifestDigest, bundle.Signature);
}
