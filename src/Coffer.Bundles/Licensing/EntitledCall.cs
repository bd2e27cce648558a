namespace Coffer.Bundles;

/// <summary>
/// A call that the license allowed and that is counted. One call is one input at the predictor, however many graph runs,
/// retries or fallbacks it takes.
/// </summary>
public readonly struct EntitledCall
{
    private readonly Entitlement _entitlement;

    internal EntitledCall(Entitlement entitlement, int units)
    {
        _entitlement = entitlement;
        Units = units;
    }

    /// <summary>How many inputs were counted.</summary>
    public int Units { get; }

    /// <summary>Checks, without counting again, that the call may go on at another target: for a fallback or a retry elsewhere.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.Expired"/> or <see cref="LicenseError.TargetNotLicensed"/>.</exception>
    public void ContinueOn(ExecutionTarget target) => _entitlement.RequireNow(target);
}
