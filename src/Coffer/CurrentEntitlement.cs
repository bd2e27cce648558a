using Coffer.Bundles;

namespace Coffer;

/// <summary>The entitlement that an open model's calls are charged to; a renewal takes its place between two calls.</summary>
internal sealed class CurrentEntitlement(Entitlement entitlement) : IDisposable
{
    private readonly Lock _renewing = new();
    private volatile Entitlement _value = entitlement;

    public Entitlement Value => _value;

    /// <summary>Charges for a call.</summary>
    /// <param name="task">What is predicted.</param>
    /// <param name="target">Where it runs.</param>
    /// <param name="units">How many inputs; 0 checks, without counting again, that a call which was charged for may go on there.</param>
    /// <param name="terms">What else must hold where it runs; null for nothing.</param>
    public EntitledCall Begin(string task, ExecutionTarget target, int units, EndpointTerms? terms = null)
    {
        while (true)
        {
            var value = _value;
            try
            {
                terms?.Require(value);
                if (units > 0)
                {
                    return value.Begin(task, target, units);
                }

                value.RequireNow(target);
                return default;
            }
            catch (ObjectDisposedException)
            {
                if (!WasReplaced(value))
                {
                    throw;
                }
            }
            catch (LicenseException e) when (e.Error is LicenseError.Superseded)
            {
                if (!WasReplaced(value))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Puts a renewal in the place of the entitlement in use, whose unused calls go back; if that throws, it stays.</summary>
    /// <param name="authorize">Makes the renewal of the entitlement in use.</param>
    public void Renew(Func<Entitlement, Entitlement> authorize)
    {
        lock (_renewing)
        {
            var old = _value;
            _value = authorize(old);
            old.Dispose();
        }
    }

    public void Dispose() => _value.Dispose();

    // The ledger knows of a renewal a moment before this object does: a call that fell into the gap waits, and is charged to the renewal.
    // Not in an exception filter: that runs while the failed call still holds the lock of its lease, which the renewal is to dispose.
    private bool WasReplaced(Entitlement value)
    {
        lock (_renewing)
        {
            return !ReferenceEquals(value, _value);
        }
    }
}
