using System.Security.Cryptography;

namespace Coffer.Packaging;

/// <summary>
/// Places tensors in a weights part, in the order they are given, each at a multiple of <see cref="WeightsPart.Alignment"/>.
/// Tensors of the same bytes share one range: exporters store tied embeddings and repeated constants more than once.
/// </summary>
internal sealed class WeightsLayout
{
    // Enough to tell apart almost all tensors of one length without reading the rest of them.
    private const int SampleLength = 4096;

    private readonly List<WeightsSegment> _tensors = [];

    /// <summary>Adds a tensor and returns its number.</summary>
    public int Add(WeightsSegment tensor)
    {
        _tensors.Add(tensor);
        return _tensors.Count - 1;
    }

    /// <summary>The part, and where each tensor begins in it.</summary>
    public (WeightsPart Part, long[] Offsets) Place()
    {
        var keys = Identify();
        var offsets = new long[_tensors.Count];
        var places = new Dictionary<string, long>(StringComparer.Ordinal);
        var segments = new List<WeightsSegment>();
        var end = 0L;
        for (var i = 0; i < _tensors.Count; i++)
        {
            if (!places.TryGetValue(keys[i], out offsets[i]))
            {
                var padding = -end & (WeightsPart.Alignment - 1);
                if (padding > 0)
                {
                    segments.Add(new WeightsSegment.Padding(padding));
                }

                segments.Add(_tensors[i]);
                places[keys[i]] = offsets[i] = end + padding;
                end += padding + _tensors[i].Length;
            }
        }

        return (new WeightsPart(segments), offsets);
    }

    /// <summary>For each tensor a text that two tensors share if, and only if, their bytes are the same.</summary>
    private string[] Identify()
    {
        var keys = _tensors.Select(tensor => $"{tensor.Length} {Digest(tensor, SampleLength)}").ToArray();
        foreach (var alike in Enumerable.Range(0, keys.Length).GroupBy(i => keys[i], StringComparer.Ordinal).Where(group => group.Count() > 1).ToArray())
        {
            if (_tensors[alike.First()].Length > SampleLength)
            {
                var ranges = new Dictionary<WeightsSegment, string>();
                foreach (var i in alike)
                {
                    // One range of a file under many names is read once.
                    keys[i] = ranges.TryGetValue(_tensors[i], out var known) ? known : ranges[_tensors[i]] = $"{keys[i]} {Digest(_tensors[i], long.MaxValue)}";
                }
            }
        }

        return keys;
    }

    private static string Digest(WeightsSegment tensor, long limit)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = new WeightsStream([tensor]);
        var buffer = new byte[(int)Math.Min(1 << 20, Math.Min(limit, tensor.Length))];
        for (var left = Math.Min(limit, tensor.Length); left > 0;)
        {
            var count = stream.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, left)));
            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
