namespace Coffer.Bundles;

/// <summary>What a ledger knows of one grant.</summary>
/// <param name="Sequence">The highest <c>seq</c> seen.</param>
/// <param name="Used">Calls used or leased.</param>
internal readonly record struct LedgerEntry(long Sequence, long Used);
