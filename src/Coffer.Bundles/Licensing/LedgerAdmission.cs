namespace Coffer.Bundles;

/// <summary>
/// What a device remembers when it admits a license, and refuses because of: the newest token of each grant, when it was last
/// used, the newest bundle of the model, the newest status lists and issuer set. Decided and written in one lock of the ledger, after
/// everything else, so that what was refused leaves no trace.
/// </summary>
internal sealed class LedgerAdmission(IReadOnlyList<LicenseToken> tokens, OpenedBundle bundle, string? audience, StatusCheck status, long issuerSet, bool allowOlderBundle)
{
    /// <summary>How far the recorded time may be behind, so that not every opening of a model writes.</summary>
    private static readonly TimeSpan Resolution = TimeSpan.FromMinutes(1);

    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.Superseded"/>, <see cref="LicenseError.ClockRollback"/>, <see cref="LicenseError.BundleRollback"/>,
    /// <see cref="LicenseError.IssuersRolledBack"/>, <see cref="LicenseError.StatusStale"/>.
    /// </exception>
    public void Admit(LedgerContent ledger, LicenseClock clock)
    {
        foreach (var token in tokens)
        {
            RequireNewest(ledger, token, clock);
        }

        RequireSignedTime(ledger, clock);
        RequireNewestLists(ledger);
        RequireNewestIssuers(ledger);
        RequireNewestBundle(ledger);
        Record(ledger, clock.Now());
    }

    /// <summary>Records that the license is in use at a time.</summary>
    public void Record(LedgerContent ledger, DateTimeOffset now)
    {
        foreach (var token in tokens)
        {
            var (entry, seen) = (ledger[token.Grant], now.ToUnixTimeSeconds());
            var isNewer = token.Claims.Sequence > entry.Sequence;
            var isDue = token.Claims.Sequence == entry.Sequence && (entry.Seen == 0 || seen - entry.Seen >= (long)Resolution.TotalSeconds);

            // A process that still runs under an older token has nothing to tell of the newer one.
            if (isNewer || isDue)
            {
                ledger[token.Grant] = entry with { Sequence = token.Claims.Sequence, Seen = seen };
            }
        }

        foreach (var (token, list) in status.InUse)
        {
            ledger.Raise(LedgerMark.StatusList(token.SignedBy, list.Uri), list.IssuedAt.ToUnixTimeSeconds());
            ledger.Raise(LedgerMark.SignedTime(token.SignedBy), list.IssuedAt.ToUnixTimeSeconds());
        }

        ledger.Raise(LedgerMark.IssuerSet(bundle.Manifest.Publisher), issuerSet);
        ledger.Raise(LedgerMark.Bundle(bundle.Manifest.Id, audience), bundle.Manifest.Sequence);
    }

    public void RequireNewestLists(LedgerContent ledger)
    {
        foreach (var (token, list) in status.InUse)
        {
            if (ledger.Mark(LedgerMark.StatusList(token.SignedBy, list.Uri)) is var newest && list.IssuedAt.ToUnixTimeSeconds() < newest)
            {
                throw new LicenseException(LicenseError.StatusStale, $"The status list '{list.Uri}' is of {LicenseClock.Shown(list.IssuedAt)}, and this device has seen the one of {LicenseClock.Shown(DateTimeOffset.FromUnixTimeSeconds(newest))}. Fetch the newest one.");
            }
        }
    }

    private static void RequireNewest(LedgerContent ledger, LicenseToken token, LicenseClock clock)
    {
        var entry = ledger[token.Grant];
        UsageLedger.RequireNewest(entry, token.Claims.Sequence);
        if (entry.Seen > 0 && token.Claims.Sequence == entry.Sequence)
        {
            // A clock that once ran ahead would lock its device out for good: a newer token starts again from its own time.
            clock.Require(DateTimeOffset.FromUnixTimeSeconds(entry.Seen), "this device's ledger", ", or if it was ahead before, ask the issuer for a renewal");
        }
    }

    private void RequireSignedTime(LedgerContent ledger, LicenseClock clock)
    {
        foreach (var token in tokens)
        {
            if (ledger.Mark(LedgerMark.SignedTime(token.SignedBy)) is > 0 and var signed)
            {
                clock.Require(DateTimeOffset.FromUnixTimeSeconds(signed), $"a status list of '{CompactToken.Shown(token.Claims.Issuer)}'");
            }
        }
    }

    private void RequireNewestIssuers(LedgerContent ledger)
    {
        if (ledger.Mark(LedgerMark.IssuerSet(bundle.Manifest.Publisher)) is var newest && issuerSet < newest)
        {
            throw new LicenseException(LicenseError.IssuersRolledBack, $"The application's trust holds version {issuerSet} of the issuer set of '{bundle.Manifest.Publisher}', and this device has seen version {newest}. Restore the newest trust anchors, or update the application.");
        }
    }

    private void RequireNewestBundle(LedgerContent ledger)
    {
        if (ledger.Mark(LedgerMark.Bundle(bundle.Manifest.Id, audience)) is var newest && bundle.Manifest.Sequence < newest && !allowOlderBundle)
        {
            throw new LicenseException(LicenseError.BundleRollback, $"The bundle of '{bundle.Manifest.Id}' has the sequence {bundle.Manifest.Sequence}, and this device has opened one of {newest}. Use the newest bundle; an application that means to go back sets {nameof(AuthorizationOptions)}.{nameof(AuthorizationOptions.AllowOlderBundle)}.");
        }
    }
}
