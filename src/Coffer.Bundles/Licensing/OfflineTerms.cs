namespace Coffer.Bundles;

/// <summary>How long a license may be used without news from its issuer: <c>offline</c>. Whole seconds.</summary>
/// <param name="Max">The longest time since the newest status list, or since the license was issued, in which all is well.</param>
/// <param name="Grace">How long calls are allowed after that, visibly (<see cref="EntitlementState.Grace"/>); then they are refused.</param>
public sealed record OfflineTerms(TimeSpan Max, TimeSpan Grace);
