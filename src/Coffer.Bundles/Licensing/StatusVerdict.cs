namespace Coffer.Bundles;

/// <summary>What a status check found: how well the license stands, and until when that holds.</summary>
/// <param name="State">The state.</param>
/// <param name="Until">From when it is another; null for never.</param>
/// <param name="RefusedFrom">From when calls are refused unless a fresh list comes; null where they are not.</param>
internal readonly record struct StatusVerdict(EntitlementState State, DateTimeOffset? Until, DateTimeOffset? RefusedFrom)
{
    public static StatusVerdict Current { get; } = new(EntitlementState.Current, null, null);

    /// <summary>The worse state of two, the earlier time of two.</summary>
    public StatusVerdict And(StatusVerdict other) => new(
        State > other.State ? State : other.State,
        Earlier(Until, other.Until),
        Earlier(RefusedFrom, other.RefusedFrom));

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a < b || b is null ? a : b;
}
