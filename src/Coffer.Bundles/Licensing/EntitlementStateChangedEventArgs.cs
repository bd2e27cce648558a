namespace Coffer.Bundles;

/// <summary>An entitlement's state became another.</summary>
/// <param name="before">What it was.</param>
/// <param name="after">What it is.</param>
/// <param name="until">From when calls are refused unless a fresh status list comes; null where they are not.</param>
public sealed class EntitlementStateChangedEventArgs(EntitlementState before, EntitlementState after, DateTimeOffset? until) : EventArgs
{
    /// <summary>What it was.</summary>
    public EntitlementState Before { get; } = before;

    /// <summary>What it is.</summary>
    public EntitlementState After { get; } = after;

    /// <summary>From when calls are refused unless a fresh status list comes; null where they are not.</summary>
    public DateTimeOffset? Until { get; } = until;
}
