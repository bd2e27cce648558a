namespace Coffer.Bundles;

/// <summary>What a publisher says of a bundle before it is packed; the rest of the manifest follows from the parts.</summary>
public sealed record BundleDraft
{
    /// <summary>Who signs: 1 to 64 of a-z, 0-9, '.', '_', '-'.</summary>
    public required string Publisher { get; init; }

    /// <summary>The model's name, in the same alphabet; the id is <c>publisher/name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The model's version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>
    /// Grows with every release of the same id. Default: the seconds since 1970 at packing, which grow by themselves.
    /// </summary>
    public long? Sequence { get; init; }

    /// <summary>What the model does, for example <c>image-classification</c>.</summary>
    public required string Task { get; init; }

    /// <summary>The oldest SDK that may open the bundle. Default: 0.1.0.</summary>
    public SemanticVersion MinSdk { get; init; } = SemanticVersion.Parse("0.1.0");

    /// <summary>
    /// Whether a bundle without a timestamp is refused: add one after packing, with <see cref="BundleTimestamp"/>. Default: false.
    /// </summary>
    public bool TimestampRequired { get; init; }

    /// <summary>Bytes of the signature slot: a multiple of 4096 from 16384 to 65536. Default 16384.</summary>
    public int SignatureCapacity { get; init; } = BundleHeader.MinSignatureCapacity;
}
