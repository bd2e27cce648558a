namespace Coffer.Bundles;

/// <summary>How a bundle is verified.</summary>
public sealed record VerificationOptions
{
    /// <summary>The defaults.</summary>
    public static VerificationOptions Default { get; } = new();

    /// <summary>What tells the time at which certificates must be valid. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
