namespace Coffer.Bundles;

/// <summary>A license that was examined and admitted: what an entitlement goes on with.</summary>
/// <param name="Clock">The time that it is held to.</param>
/// <param name="Status">Asks the status lists again.</param>
/// <param name="Verdict">What they said.</param>
/// <param name="Admission">What the ledger remembers of it.</param>
internal sealed record Admitted(LicenseClock Clock, StatusCheck Status, StatusVerdict Verdict, LedgerAdmission Admission);
