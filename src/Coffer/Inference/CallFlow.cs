using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>
/// One call of an application that may try several predictors, of which the license counts one: the first that charges does, the others
/// go on in its call. Thread-safe. Dispose it when the call ends.
/// </summary>
/// <param name="units">The inputs of the call.</param>
internal sealed class CallFlow(int units) : IDisposable
{
    private static readonly AsyncLocal<Attempt?> Ambient = new();

    private readonly Lock _gate = new();
    private readonly List<Charged> _charged = [];
    private bool _ended;

    private sealed record Charged(CurrentEntitlement Entitlement, string Task, EntitledCall Call);

    /// <summary>The attempt that this code runs in; null outside of a flow.</summary>
    public static Attempt? Current => Ambient.Value;

    /// <summary>Begins an attempt, until the asynchronous method that calls this ends.</summary>
    public Attempt BeginAttempt() => Ambient.Value = new Attempt(this);

    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            foreach (var charged in _charged)
            {
                charged.Call.Dispose();
            }

            _charged.Clear();
        }
    }

    /// <summary>
    /// One try. A model's license is charged at most once for all tries, and each try goes on in that call once: a predictor of the
    /// application that calls a model again and again is charged again and again.
    /// </summary>
    internal sealed class Attempt(CallFlow flow)
    {
        private readonly List<Charged> _used = [];
        private volatile bool _abandoned;

        /// <summary>Nobody waits for it any more: what it has not begun it doesn't begin.</summary>
        public void Abandon() => _abandoned = true;

        public EntitledCall Charge(CurrentEntitlement entitlement, string task, ExecutionTarget target, int units, EndpointTerms? terms)
        {
            lock (flow._gate)
            {
                if (_abandoned)
                {
                    throw new OperationCanceledException("The call was answered elsewhere, or its time is over.");
                }

                // What the application goes on with after the call is a call of its own.
                var charged = flow._ended ? null : flow._charged.Find(entry => ReferenceEquals(entry.Entitlement, entitlement) && entry.Task == task);
                if (charged is null && !flow._ended && units <= flow.Units)
                {
                    charged = new Charged(entitlement, task, entitlement.Begin(task, target, units, terms));
                    flow._charged.Add(charged);
                    _used.Add(charged);
                    return EntitledCall.Counted(units);
                }

                if (charged is not null && units <= charged.Call.Units && !_used.Contains(charged))
                {
                    entitlement.Begin(task, target, 0, terms);
                    _used.Add(charged);
                    return default;
                }
            }

            return entitlement.Begin(task, target, units, terms);
        }
    }

    private int Units => units;
}
