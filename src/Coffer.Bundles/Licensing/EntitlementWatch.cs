namespace Coffer.Bundles;

/// <summary>
/// Keeps an entitlement to time and status while it is in use. A call reads one number; only once a second, when a list was
/// added, or when something is due, does one of them look again.
/// </summary>
internal sealed class EntitlementWatch
{
    /// <summary>The longest that a machine's clock, set forward, is not looked at.</summary>
    private static readonly long Interval = TimeSpan.TicksPerSecond;

    /// <summary>How often the ledger is told that the license is in use.</summary>
    private static readonly TimeSpan RecordInterval = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly LicenseClaims _claims;
    private readonly Admitted _admitted;
    private readonly UsageLedger? _ledger;
    private readonly UsageLease[] _leases;
    private StatusVerdict _verdict;
    private DateTimeOffset _recorded;
    private long _due;
    private int _version;

    /// <param name="claims">What the license allows.</param>
    /// <param name="admitted">How it was admitted.</param>
    /// <param name="ledger">The ledger that it is recorded in; null for none. Owned by the caller.</param>
    /// <param name="leases">What has windows to enter.</param>
    public EntitlementWatch(LicenseClaims claims, Admitted admitted, UsageLedger? ledger, UsageLease[] leases)
    {
        _claims = claims;
        _admitted = admitted;
        _ledger = ledger;
        _leases = leases;
        _verdict = admitted.Verdict;
        _version = admitted.Status.Version;
        var now = admitted.Clock.Now();
        _recorded = now;
        Schedule(now);
    }

    public EntitlementState State => _verdict.State;

    public DateTimeOffset? RefusedFrom => _verdict.RefusedFrom;

    /// <summary>Looks again if something may have changed.</summary>
    /// <returns>The state before, if it is another now; otherwise null.</returns>
    /// <exception cref="LicenseException">The license does not allow calls any more.</exception>
    public EntitlementState? Pass() =>
        _admitted.Clock.Ticks < Volatile.Read(ref _due) && _admitted.Status.Version == Volatile.Read(ref _version) ? null : Look();

    private EntitlementState? Look()
    {
        lock (_gate)
        {
            var now = _admitted.Clock.Now();
            if (now >= _claims.Expires)
            {
                throw LicenseExamination.Expired(_claims, now);
            }

            var version = _admitted.Status.Version;
            var verdict = _admitted.Status.IsNeeded ? _admitted.Status.Check(now, _claims.Offline) : _verdict;
            Remember(now, isNews: version != _version);
            var before = _verdict.State;
            _verdict = verdict;
            Volatile.Write(ref _version, version);
            Schedule(now);
            return before == verdict.State ? null : before;
        }
    }

    private void Remember(DateTimeOffset now, bool isNews)
    {
        if (_ledger is null || (!isNews && now - _recorded < RecordInterval))
        {
            return;
        }

        try
        {
            _ = _ledger.Update(content =>
            {
                _admitted.Admission.RequireNewestLists(content);
                _admitted.Admission.Record(content, now);
                return true;
            });
            _recorded = now;
        }
        catch (LicenseException e) when (!_claims.CountsCalls && _claims.Offline is null && (e.Error is LicenseError.LedgerMissing or LicenseError.LedgerUnavailable))
        {
            // As when the license was admitted: what counts nothing does not need the ledger.
            _recorded = now;
        }
    }

    private void Schedule(DateTimeOffset now)
    {
        var due = Interval;
        foreach (var lease in _leases)
        {
            due = Sooner(due, lease.EnterWindow(now), now);
        }

        due = Sooner(Sooner(due, _claims.Expires, now), _verdict.Until, now);
        Volatile.Write(ref _due, _admitted.Clock.Ticks + due);
    }

    private static long Sooner(long due, DateTimeOffset? at, DateTimeOffset now) => at is { } time ? Math.Min(due, Math.Max((time - now).Ticks, 0)) : due;
}
