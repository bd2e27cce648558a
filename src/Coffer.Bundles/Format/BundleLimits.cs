namespace Coffer.Bundles;

/// <summary>
/// What a reader accepts before it allocates anything. The defaults fit every bundle that this SDK writes; tighten them on
/// small devices.
/// </summary>
public sealed record BundleLimits
{
    /// <summary>The defaults.</summary>
    public static BundleLimits Default { get; } = new();

    /// <summary>Most bytes of a manifest. Default and ceiling: 1 MiB.</summary>
    public int MaxManifestLength { get; init; } = 1 << 20;

    /// <summary>Most bytes of a signature slot. Default and ceiling: 64 KiB.</summary>
    public int MaxSignatureCapacity { get; init; } = 64 << 10;

    /// <summary>Most parts. Default 4096.</summary>
    public int MaxParts { get; init; } = 4096;

    /// <summary>Most bytes of a whole bundle. Default 1 TiB.</summary>
    public long MaxTotalLength { get; init; } = 1L << 40;

    /// <summary>Most bytes of one part of the group <see cref="PartGroup.Settings"/>, decrypted. Default 256 MiB.</summary>
    public long MaxSettingsLength { get; init; } = 256 << 20;
}
