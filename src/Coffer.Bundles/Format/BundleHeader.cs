using System.Buffers.Binary;

namespace Coffer.Bundles;

/// <summary>The 32 bytes at the start of a bundle (FORMAT.md §2). Integers are little-endian.</summary>
/// <param name="ManifestLength">Bytes of the manifest, 2 to 1 MiB.</param>
/// <param name="SignatureCapacity">Bytes of the signature slot with its length field, 16 KiB to 64 KiB, a multiple of 4 KiB.</param>
/// <param name="TotalLength">Bytes of the whole file.</param>
internal readonly record struct BundleHeader(int ManifestLength, int SignatureCapacity, long TotalLength)
{
    public const int Size = 32;
    public const ushort FormatVersion = 1;
    public const int MaxManifestLength = 1 << 20;
    public const int MinSignatureCapacity = 16 << 10;
    public const int MaxSignatureCapacity = 64 << 10;

    /// <summary>As parts are aligned, a slot of any size would leave two layouts for one manifest.</summary>
    public const int SignatureCapacityUnit = BundleLayout.PartAlignment;

    /// <summary>Like PNG's: not text, and damaged by every transfer that takes it for text.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'C', (byte)'F', (byte)'R', 0x0D, 0x0A, 0x1A, 0x0A];

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], (uint)ManifestLength);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], (uint)SignatureCapacity);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], (ulong)TotalLength);
    }

    /// <summary>Reads a header and checks every field against the format, the limits and the file's real length.</summary>
    /// <exception cref="BundleException">A field is not allowed, or the file is shorter or longer than it says.</exception>
    public static BundleHeader Read(ReadOnlySpan<byte> header, string fileName, long fileLength, BundleLimits limits)
    {
        if (header.Length < Magic.Length || !header.StartsWith(Magic))
        {
            throw Reject(BundleError.NotABundle, $"'{fileName}' is not a Coffer bundle: it does not begin as one. Check the path.");
        }

        if (header.Length < Size)
        {
            throw Reject(BundleError.Truncated, $"The bundle ends after {header.Length} bytes, inside its header. Copy it again.");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version != FormatVersion)
        {
            throw Reject(
                BundleError.UnsupportedVersion,
                $"The bundle has format version {version}; Coffer {SdkInfo.Version} reads version {FormatVersion}. Open it with a Coffer SDK that reads format {version}, or have the publisher pack it again.");
        }

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        var reserved = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        if (flags != 0 || reserved != 0)
        {
            throw Reject(BundleError.InvalidHeader, "The bundle's header sets bits that format version 1 reserves. The file is damaged; copy it again.");
        }

        var manifestLength = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        var maxManifest = Math.Min(limits.MaxManifestLength, MaxManifestLength);
        if (manifestLength < 2 || manifestLength > maxManifest)
        {
            throw Reject(BundleError.LimitExceeded, $"The bundle's header gives a manifest of {manifestLength} bytes; from 2 to {maxManifest} are allowed.");
        }

        var capacity = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        var maxCapacity = Math.Min(limits.MaxSignatureCapacity, MaxSignatureCapacity);
        if (capacity < MinSignatureCapacity || capacity > maxCapacity)
        {
            throw Reject(BundleError.LimitExceeded, $"The bundle's header gives a signature slot of {capacity} bytes; from {MinSignatureCapacity} to {maxCapacity} are allowed.");
        }

        if (capacity % SignatureCapacityUnit != 0)
        {
            throw Reject(BundleError.InvalidHeader, $"The bundle's header gives a signature slot of {capacity} bytes, not a multiple of {SignatureCapacityUnit}. The file is damaged; copy it again.");
        }

        var totalLength = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        if (totalLength > (ulong)limits.MaxTotalLength)
        {
            throw Reject(BundleError.LimitExceeded, $"The bundle's header gives {totalLength} bytes in all; at most {limits.MaxTotalLength} are allowed.");
        }

        if ((ulong)fileLength < totalLength)
        {
            throw Reject(BundleError.Truncated, $"The bundle has {fileLength} of the {totalLength} bytes that its header gives. Copy it again.");
        }

        if ((ulong)fileLength > totalLength)
        {
            throw Reject(BundleError.TrailingData, $"The file has {fileLength} bytes, {(ulong)fileLength - totalLength} more than the bundle's header gives. Copy it again.");
        }

        return new BundleHeader((int)manifestLength, (int)capacity, (long)totalLength);
    }

    private static BundleException Reject(BundleError error, string message) =>
        new(error, error is BundleError.Truncated or BundleError.TrailingData or BundleError.NotABundle ? BundleSection.File : BundleSection.Header, message);
}
