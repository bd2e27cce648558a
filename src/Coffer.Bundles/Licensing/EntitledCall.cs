namespace Coffer.Bundles;

/// <summary>
/// A call that the license allowed and that is counted. One call is one input at the predictor, however many graph runs,
/// retries or fallbacks it takes. Dispose it when the call ends: a license may limit how many run at once.
/// </summary>
public readonly struct EntitledCall : IDisposable
{
    private readonly Entitlement? _entitlement;
    private readonly Seat _seat;

    internal EntitledCall(Entitlement? entitlement, int units, Seat seat)
    {
        _entitlement = entitlement;
        _seat = seat;
        Units = units;
    }

    /// <summary>How many inputs were counted.</summary>
    public int Units { get; }

    /// <summary>Checks, without counting again, that the call may go on at another target: for a fallback or a retry elsewhere.</summary>
    /// <exception cref="LicenseException">As <see cref="Entitlement.Begin"/>, but for the task and the quota.</exception>
    public void ContinueOn(ExecutionTarget target) => _entitlement!.RequireNow(target);

    /// <summary>So many inputs that were counted, without the right to end the call: for whoever works in another's call.</summary>
    internal static EntitledCall Counted(int units) => new(null, units, Seat.None);

    /// <summary>Ends the call; once is enough, and twice does no harm.</summary>
    public void Dispose() => _entitlement?.End(_seat);
}
