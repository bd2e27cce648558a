namespace Coffer.Onnx;

/// <summary>What makes two graphs the same.</summary>
/// <param name="ManifestDigest">The manifest names the digest of every part.</param>
/// <param name="Prove">Throws unless whoever asks holds the content key: what another licensee decrypted is not for who could not.</param>
internal sealed record SharedIdentity(string ManifestDigest, Action Prove);
