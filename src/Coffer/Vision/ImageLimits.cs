namespace Coffer.Vision;

/// <summary>What a picture may be at most. Checked before anything is allocated for it.</summary>
public sealed record ImageLimits
{
    /// <summary>The defaults.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>
    /// The most pixels, width times height, of the picture and of what it is resized to. Default 100 million, which take
    /// 400 MB while they are decoded; never more than about 536 million.
    /// </summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>The longest edge in pixels. Default 65,535, the most that a JPEG can have.</summary>
    public int MaxEdge { get; init; } = 65_535;

    /// <summary>The most bytes of an encoded picture. Default 256 MiB.</summary>
    public int MaxEncodedBytes { get; init; } = 256 << 20;
}
