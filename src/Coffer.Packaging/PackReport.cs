using Coffer.Bundles;

namespace Coffer.Packaging;

/// <summary>What was packed.</summary>
/// <param name="Manifest">The manifest as signed.</param>
/// <param name="ManifestDigest">SHA-256 of header and manifest, lowercase hex.</param>
/// <param name="Length">Bytes of the bundle.</param>
/// <param name="Graphs">The graphs, the main one first.</param>
public sealed record PackReport(BundleManifest Manifest, string ManifestDigest, long Length, IReadOnlyList<PackedGraphReport> Graphs);
