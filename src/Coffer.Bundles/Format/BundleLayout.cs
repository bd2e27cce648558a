namespace Coffer.Bundles;

/// <summary>
/// Where everything lies (FORMAT.md §2). The layout follows from the lengths alone: a reader computes it again and requires
/// that the manifest says the same, so parts can neither overlap nor leave gaps.
/// </summary>
internal sealed class BundleLayout
{
    public const int PartAlignment = 4096;

    private readonly long[] _leafTableOffsets;
    private readonly long[] _partOffsets;

    public BundleLayout(int manifestLength, int signatureCapacity, IReadOnlyList<long> partLengths)
    {
        SlotOffset = BundleHeader.Size + manifestLength;
        LeafTableOffset = SlotOffset + signatureCapacity;
        _leafTableOffsets = new long[partLengths.Count];
        _partOffsets = new long[partLengths.Count];
        var position = LeafTableOffset;
        for (var i = 0; i < partLengths.Count; i++)
        {
            _leafTableOffsets[i] = position;
            position = checked(position + (HashTree.LeafCount(partLengths[i]) * HashTree.DigestSize));
        }

        LeafTableEnd = position;
        for (var i = 0; i < partLengths.Count; i++)
        {
            _partOffsets[i] = checked((position + PartAlignment - 1) / PartAlignment * PartAlignment);
            position = checked(_partOffsets[i] + partLengths[i]);
        }

        TotalLength = position;
    }

    public long SlotOffset { get; }

    public long LeafTableOffset { get; }

    public long LeafTableEnd { get; }

    public long TotalLength { get; }

    public long LeafTable(int part) => _leafTableOffsets[part];

    public long Part(int part) => _partOffsets[part];
}
