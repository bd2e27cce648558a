namespace Coffer.Bundles;

/// <summary>What a host knows when it authorizes a license.</summary>
public sealed record AuthorizationOptions
{
    /// <summary>The clock for every check of time, then and later. Default: the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The application's own id, compared with the license's <c>aud</c>. Default null: only licenses for any application are accepted.</summary>
    public string? Audience { get; init; }

    /// <summary>The device's ledger. Default null: the one of the device key, where it has one.</summary>
    public UsageLedger? Ledger { get; init; }

    /// <summary>The issuers' status lists at hand. Default null: none.</summary>
    public StatusLists? StatusLists { get; init; }

    /// <summary>
    /// Whether a bundle may be older than one of the same model that was opened on this device: for an application that goes
    /// back to an earlier release on purpose. Default: no.
    /// </summary>
    public bool AllowOlderBundle { get; init; }
}
