using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Coffer.Server;

/// <summary>Listens to Coffer's meter and the server's own, and writes what they measured for Prometheus.</summary>
internal sealed class PrometheusMetrics : IDisposable
{
    private readonly ModelCatalog _catalog;
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, PrometheusSeries> _series = new(StringComparer.Ordinal);

    public PrometheusMetrics(ModelCatalog catalog, ServerMeter meter)
    {
        _catalog = catalog;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == CofferDiagnostics.MeterName || ReferenceEquals(instrument.Meter.Scope, meter))
            {
                listener.EnableMeasurementEvents(instrument, _series.GetOrAdd(instrument.Name, _ => new PrometheusSeries(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((PrometheusSeries)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((PrometheusSeries)state!).Add(value, tags));
        _listener.Start();
    }

    public string Write()
    {
        var text = new StringBuilder();
        PrometheusFormat.WriteHead(text, "coffer_server_model_ready", "Whether a model that this server was told to serve answers.", "gauge");
        foreach (var (name, version, sequence, state, _) in _catalog.Index)
        {
            var labels = PrometheusFormat.Labels([new("model", name), new("version", version), new("sequence", sequence.ToString(CultureInfo.InvariantCulture))]);
            PrometheusFormat.WriteSample(text, "coffer_server_model_ready", labels, state == ModelState.Ready ? 1 : 0);
        }

        foreach (var (_, series) in _series.OrderBy(series => series.Key, StringComparer.Ordinal))
        {
            series.Write(text);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();
}
