namespace Coffer.Bundles;

/// <summary>The plaintext of one part of a bundle that is being packed.</summary>
/// <param name="Name">For example <c>files/labels.txt</c>: segments of letters, digits, '.', '_', '-', '@' with '/' between.</param>
/// <param name="Group">Which content key encrypts it.</param>
/// <param name="Length">Exact length in bytes.</param>
/// <param name="OpenRead">Opens the bytes for one pass from the start.</param>
public sealed record PartSource(string Name, PartGroup Group, long Length, Func<Stream> OpenRead)
{
    /// <summary>A part that is in memory.</summary>
    public static PartSource FromBytes(string name, PartGroup group, ReadOnlyMemory<byte> bytes) =>
        new(name, group, bytes.Length, () => new MemoryStream(bytes.ToArray(), writable: false));
}
