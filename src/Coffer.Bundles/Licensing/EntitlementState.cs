namespace Coffer.Bundles;

/// <summary>How well a license in use is known to stand with its issuer. What is refused throws and has no state.</summary>
public enum EntitlementState
{
    /// <summary>A fresh status list says that all is well, or the license names none.</summary>
    Current,

    /// <summary>The license names a status list and does not insist on it, and no fresh one is at hand: a revocation would not be known.</summary>
    Advisory,

    /// <summary>The time that the license may be used without a fresh status list is over, and its grace is running.</summary>
    Grace,
}
