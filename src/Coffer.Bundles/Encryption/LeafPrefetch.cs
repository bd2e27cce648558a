namespace Coffer.Bundles;

/// <summary>
/// Reads and hashes the first leaves of a bundle on the thread pool while signature and license are checked, because hashing
/// takes longest of all that opening does. Each leaf is read once, here or by whoever needs it sooner.
/// </summary>
internal sealed class LeafPrefetch : IDisposable
{
    /// <summary>More is not worth its memory: a larger bundle keeps every core busy anyway.</summary>
    private const long MaxBytes = 32 << 20;

    private readonly Lazy<HashedLeaf>?[][] _leaves;
    private volatile bool _stopped;

    private LeafPrefetch(Lazy<HashedLeaf>?[][] leaves) => _leaves = leaves;

    /// <summary>Starts. The source is shared until the reading ends.</summary>
    public static LeafPrefetch Start(BundleSource source, BundleManifest manifest)
    {
        var left = MaxBytes;
        var leaves = manifest.Parts.Select(part => Plan(source, part, ref left)).ToArray();
        var prefetch = new LeafPrefetch(leaves);
        _ = source.Share();
        _ = Task.Run(() => prefetch.ReadAll(source));
        return prefetch;
    }

    /// <summary>The leaf if it is among those that are read ahead and nobody took it before, else null.</summary>
    /// <exception cref="BundleException">The file ends before, or can't be read.</exception>
    public HashedLeaf? Take(int part, long leaf) =>
        leaf < _leaves[part].Length ? Interlocked.Exchange(ref _leaves[part][leaf], null)?.Value : null;

    /// <summary>Reads no further. What was read and not taken is left to the collector: it is ciphertext.</summary>
    public void Dispose() => _stopped = true;

    private static Lazy<HashedLeaf>?[] Plan(BundleSource source, BundlePart part, ref long left)
    {
        var count = Math.Min(HashTree.LeafCount(part.Length), left / HashTree.MaxLeafSize);
        left -= Math.Min(part.Length, count * HashTree.MaxLeafSize);
        return [.. Enumerable.Range(0, (int)count).Select(leaf => new Lazy<HashedLeaf>(() => HashedLeaf.Read(source, part, leaf)))];
    }

    private void ReadAll(BundleSource source)
    {
        try
        {
            foreach (var leaf in _leaves.SelectMany(leaves => leaves).TakeWhile(_ => !_stopped))
            {
                _ = leaf?.Value;
            }
        }
        catch (BundleException)
        {
            // Whoever takes that leaf gets the same exception.
        }
        finally
        {
            source.Dispose();
        }
    }
}
