using System.Diagnostics.Metrics;
using System.Text;

namespace Coffer.Server;

/// <summary>One instrument's measurements, added up by their labels.</summary>
internal sealed class PrometheusSeries(Instrument instrument)
{
    // Seconds: from a small model's call to a large one's load.
    private static readonly double[] Bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Lock _gate = new();
    private readonly List<Cell> _cells = [];
    private readonly bool _isHistogram = instrument is Histogram<double> or Histogram<long>;
    private readonly bool _isCounter = instrument is Counter<long> or Counter<double>;

    private sealed class Cell(KeyValuePair<string, object?>[] tags)
    {
        public string Labels { get; } = PrometheusFormat.Labels(tags);

        public KeyValuePair<string, object?>[] Tags { get; } = tags;

        public double Sum;
        public long Count;
        public long[] Buckets = [];
    }

    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            var cell = Find(tags);
            cell.Sum += value;
            cell.Count++;
            if (_isHistogram)
            {
                var bucket = Array.BinarySearch(Bounds, value);
                cell.Buckets[bucket < 0 ? ~bucket : bucket]++;
            }
        }
    }

    public void Write(StringBuilder text)
    {
        lock (_gate)
        {
            var name = PrometheusFormat.Name(instrument.Name, instrument.Unit, _isCounter);
            PrometheusFormat.WriteHead(text, name, instrument.Description, _isHistogram ? "histogram" : _isCounter ? "counter" : "gauge");
            foreach (var cell in _cells.OrderBy(cell => cell.Labels, StringComparer.Ordinal))
            {
                var labels = cell.Labels;
                if (!_isHistogram)
                {
                    PrometheusFormat.WriteSample(text, name, labels, cell.Sum);
                    continue;
                }

                var before = labels.Length > 0 ? labels + "," : "";
                var total = 0L;
                for (var i = 0; i < cell.Buckets.Length; i++)
                {
                    total += cell.Buckets[i];
                    PrometheusFormat.WriteSample(text, name + "_bucket", $"{before}le=\"{PrometheusFormat.Number(i < Bounds.Length ? Bounds[i] : double.PositiveInfinity)}\"", total);
                }

                PrometheusFormat.WriteSample(text, name + "_sum", labels, cell.Sum);
                PrometheusFormat.WriteSample(text, name + "_count", labels, cell.Count);
            }
        }
    }

    // A handful of cells, each told by a handful of texts: no label is put together for a measurement.
    private Cell Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var cell in _cells)
        {
            if (IsSame(cell.Tags, tags))
            {
                return cell;
            }
        }

        var added = new Cell(tags.ToArray()) { Buckets = _isHistogram ? new long[Bounds.Length + 1] : [] };
        _cells.Add(added);
        return added;
    }

    private static bool IsSame(ReadOnlySpan<KeyValuePair<string, object?>> left, ReadOnlySpan<KeyValuePair<string, object?>> right)
    {
        var isSame = left.Length == right.Length;
        for (var i = 0; isSame && i < left.Length; i++)
        {
            isSame = left[i].Key == right[i].Key && Equals(left[i].Value, right[i].Value);
        }

        return isSame;
    }
}
