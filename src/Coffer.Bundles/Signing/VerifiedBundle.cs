namespace Coffer.Bundles;

/// <summary>A bundle whose signature was verified. Only <c>SignedBundle.Verify</c> makes one, and only this decrypts.</summary>
public sealed class VerifiedBundle
{
    private VerifiedBundle(BundleManifest manifest, string manifestDigest)
    {
        Manifest = manifest;
        ManifestDigest = manifestDigest;
    }

    /// <summary>What the publisher signed.</summary>
    public BundleManifest Manifest { get; }

    /// <summary>SHA-256 of header and manifest, lowercase hex: the digest that licenses and lists name.</summary>
    public string ManifestDigest { get; }
}
