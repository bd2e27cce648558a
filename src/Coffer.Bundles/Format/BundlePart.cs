namespace Coffer.Bundles;

/// <summary>One part of a bundle, as its manifest names it. The bytes are one chunked-encryption message (FORMAT.md §6).</summary>
/// <param name="Name">For example <c>settings.json</c>, <c>files/labels.txt</c> or <c>graphs/model/weights</c>.</param>
/// <param name="Group">Which content key encrypts the part.</param>
/// <param name="Offset">First byte in the file; a multiple of 4096.</param>
/// <param name="Length">Encrypted length in bytes.</param>
/// <param name="Digest">Root of the hash tree over the encrypted bytes (RFC 6962, SHA-256, a leaf per 64 chunks): 32 bytes.</param>
public sealed record BundlePart(string Name, PartGroup Group, long Offset, long Length, ReadOnlyMemory<byte> Digest);
