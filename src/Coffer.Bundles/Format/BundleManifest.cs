namespace Coffer.Bundles;

/// <summary>
/// What a bundle says of itself in the open: names, versions, key ids and the digests of its encrypted parts. Everything
/// confidential is inside the parts. A manifest that was read and not yet verified is a claim, not a fact: see
/// <see cref="SignedBundle"/> and <see cref="VerifiedBundle"/>.
/// </summary>
public sealed record BundleManifest
{
    /// <summary>Who signs the bundle: the name that a <see cref="TrustStore"/> maps to roots.</summary>
    public required string Publisher { get; init; }

    /// <summary>The full id, <c>publisher/name</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The model's version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>Grows with every release of the same id, so that an older bundle can be told from a newer one.</summary>
    public required long Sequence { get; init; }

    /// <summary>16 random bytes, new for every packing; part of the encryption context.</summary>
    public required ReadOnlyMemory<byte> Instance { get; init; }

    /// <summary>What the model does, in Hugging Face's terms where one exists, for example <c>image-classification</c>.</summary>
    public required string Task { get; init; }

    /// <summary>When the bundle was packed, UTC, whole seconds, by the publisher's clock.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The oldest SDK that may open the bundle.</summary>
    public required SemanticVersion MinSdk { get; init; }

    /// <summary>Whether the publisher requires an RFC 3161 timestamp in the signature.</summary>
    public bool TimestampRequired { get; init; }

    /// <summary>The key id of each key group in use.</summary>
    public required IReadOnlyDictionary<PartGroup, string> KeyIds { get; init; }

    /// <summary>The parts, in file order.</summary>
    public required IReadOnlyList<BundlePart> Parts { get; init; }
}
