namespace Coffer.Bundles;

/// <summary>Why a license was refused.</summary>
public enum LicenseError
{
    /// <summary>The text is not a license: not a compact JWS, or its claims are not of the required form.</summary>
    Malformed,
}
