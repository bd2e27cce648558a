using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Coffer.Server;

/// <summary>What one server measures. Its meter's scope is itself, so that two servers in a process don't count for each other.</summary>
internal sealed class ServerMeter : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _calls;

    public ServerMeter()
    {
        _meter = new Meter(new MeterOptions(ModelServer.MeterName) { Version = ServingCore.ServerVersion, Scope = this });
        _duration = _meter.CreateHistogram<double>("coffer.server.request.duration", "s", "Requests for inference, from their head to the end of the reply, by model, protocol and outcome.");
        _calls = _meter.CreateUpDownCounter<long>("coffer.server.calls", description: "Calls under way, those that wait for their turn included.");
    }

    public void Enter() => _calls.Add(1);

    public void Exit() => _calls.Add(-1);

    public void Record(ServedRequest request, TimeSpan elapsed) => _duration.Record(
        elapsed.TotalSeconds,
        new TagList { { "coffer.model", request.Model }, { "coffer.protocol", request.Protocol }, { "coffer.outcome", request.Outcome } });

    public void Dispose() => _meter.Dispose();
}
