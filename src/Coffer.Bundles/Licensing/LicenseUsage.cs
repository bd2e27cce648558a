namespace Coffer.Bundles;

/// <summary>What a device's ledger knows of a license. Calls that running processes hold in reserve count as used.</summary>
/// <param name="Used">Calls used: in all, or of a license with a window in the newest one.</param>
/// <param name="Total">Calls used in all, whatever the window.</param>
public sealed record LicenseUsage(long Used, long Total)
{
    /// <summary>When the newest window began, UTC; null without one, or before its first call.</summary>
    public DateTimeOffset? WindowStart { get; init; }

    /// <summary>When the license was last used, UTC; null for never.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>The number of the newest token seen; a license with a lower one is refused.</summary>
    public long NewestSequence { get; init; }

    /// <summary>Calls that are left; null for any number.</summary>
    /// <param name="claims">The license's claims.</param>
    /// <param name="now">The time, for windows.</param>
    public long? Left(LicenseClaims claims, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var isOver = claims.Window is { } window && now >= WindowStart + window;
        return claims.Calls is { } calls ? Math.Max(calls - (isOver ? 0 : Used), 0) : null;
    }

    internal static LicenseUsage Of(LicenseClaims claims, LedgerEntry entry) => new(entry.Used, entry.Total)
    {
        NewestSequence = entry.Sequence,
        WindowStart = claims.Window is not null && entry.Window > 0 ? DateTimeOffset.FromUnixTimeSeconds(entry.Window) : null,
        LastUsed = entry.Seen > 0 ? DateTimeOffset.FromUnixTimeSeconds(entry.Seen) : null,
    };
}
