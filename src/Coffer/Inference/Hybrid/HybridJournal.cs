using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>Where one call was tried. Thread-safe: hedged attempts write at the same time.</summary>
internal sealed class HybridJournal(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<PredictionLeg> _legs = [];
    private string _name = "";
    private int _attempts;
    private long _started;

    public IReadOnlyList<PredictionLeg> Legs
    {
        get
        {
            lock (_gate)
            {
                return [.. _legs];
            }
        }
    }

    public void Begin(string name)
    {
        lock (_gate)
        {
            (_name, _attempts, _started) = (name, 0, clock.GetTimestamp());
        }
    }

    public void Attempt()
    {
        lock (_gate)
        {
            _attempts++;
        }
    }

    public PredictionLeg End(ExecutionTarget target, string? name, LegOutcome outcome, Exception? failure)
    {
        lock (_gate)
        {
            var leg = new PredictionLeg(target, name ?? _name, outcome, _attempts, clock.GetElapsedTime(_started), failure?.Message);
            _legs.Add(leg);
            return leg;
        }
    }
}
