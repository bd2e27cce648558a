namespace Coffer.Packaging;

/// <summary>
/// The weights of a graph as they will lie in the bundle: a list of segments, read one after the other, so that a model of any
/// size packs in constant memory. Immutable.
/// </summary>
internal sealed class WeightsPart(IReadOnlyList<WeightsSegment> segments)
{
    /// <summary>What the graph's tensors give as their location.</summary>
    public const string Location = ModelSettings.WeightsLocation;

    /// <summary>Every tensor begins at a multiple of this, so that it can be used where it is decrypted to.</summary>
    public const int Alignment = 64;

    public static WeightsPart Empty { get; } = new([]);

    public IReadOnlyList<WeightsSegment> Segments { get; } = segments;

    /// <summary>In bytes; 0 when the graph keeps all of its tensors inline.</summary>
    public long Length { get; } = segments.Sum(segment => segment.Length);

    /// <summary>Opens the bytes for one pass from the start. Reading throws <see cref="PackagingException"/>
    /// (<see cref="PackagingError.Unreadable"/>) when a file is not what it was when the model was read.</summary>
    public Stream OpenRead() => new WeightsStream(Segments);

    /// <summary>Copies all bytes.</summary>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellationToken = default)
    {
        var source = OpenRead();
        await using var closing = source.ConfigureAwait(false);
        await source.CopyToAsync(destination, 1 << 20, cancellationToken).ConfigureAwait(false);
    }
}
