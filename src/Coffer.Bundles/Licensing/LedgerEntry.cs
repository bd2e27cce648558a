namespace Coffer.Bundles;

/// <summary>What a ledger knows of one grant.</summary>
/// <param name="Sequence">The highest <c>seq</c> seen.</param>
/// <param name="Used">Calls used or leased, of a quota with a window in the newest window alone.</param>
internal readonly record struct LedgerEntry(long Sequence, long Used)
{
    /// <summary>Calls used or leased since the device was made.</summary>
    public long Total { get; init; }

    /// <summary>The start of the newest window, Unix seconds; 0 where the quota has none.</summary>
    public long Window { get; init; }

    /// <summary>The latest time at which the newest token was used, Unix seconds.</summary>
    public long Seen { get; init; }

    /// <summary>The last receipt; none where its number is 0.</summary>
    public ReceiptMark Receipt { get; init; }
}
