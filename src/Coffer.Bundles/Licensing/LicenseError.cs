namespace Coffer.Bundles;

/// <summary>Why a license was refused.</summary>
public enum LicenseError
{
    /// <summary>The text is not a license: not a compact JWS, or its claims are not of the required form.</summary>
    Malformed,

    /// <summary>There is no license file at that place.</summary>
    NotFound,

    /// <summary>The token's algorithm is not ES256: <c>none</c>, a shared-key or another signature algorithm.</summary>
    AlgorithmRefused,

    /// <summary>The token's header carries a key, an extension or anything else that only the verifier may decide.</summary>
    HeaderRefused,

    /// <summary>The token was signed for another purpose: its type is not that of a license.</summary>
    WrongType,

    /// <summary>No publisher of the trust store, or not the bundle's publisher, allows this issuer.</summary>
    IssuerUntrusted,

    /// <summary>The signature is not that of the issuer: the license was altered, or signed with another key.</summary>
    SignatureInvalid,

    /// <summary>The license carries a claim that limits it and that this SDK knows no way to enforce.</summary>
    NotEnforceable,

    /// <summary>The license requires the understanding of a claim (<c>must</c>) that this SDK does not know.</summary>
    RequirementUnknown,

    /// <summary>The license requires a newer SDK.</summary>
    SdkTooOld,

    /// <summary>The license is issued in the future, or its time has not begun.</summary>
    NotYetValid,

    /// <summary>The license's time is over.</summary>
    Expired,

    /// <summary>The license is for another application.</summary>
    AudienceMismatch,

    /// <summary>The license does not name the bundle's model.</summary>
    ModelNotLicensed,

    /// <summary>The license names the model in other versions.</summary>
    VersionNotLicensed,

    /// <summary>The license names another manifest of that model and version.</summary>
    DigestMismatch,

    /// <summary>The license is bound to another device.</summary>
    DeviceMismatch,

    /// <summary>The device did not prove that it holds its signing key.</summary>
    DeviceUnproven,

    /// <summary>The task is not licensed.</summary>
    TaskNotLicensed,

    /// <summary>Running there, in this process or on an endpoint, is not licensed.</summary>
    TargetNotLicensed,

    /// <summary>The execution provider is not licensed.</summary>
    ProviderNotLicensed,

    /// <summary>The license lacks a content key of the bundle.</summary>
    KeyMissing,

    /// <summary>A content key in the license does not open on this device, or was altered.</summary>
    KeyUnwrapFailed,

    /// <summary>The license counts calls, and the ledger that it names is not there.</summary>
    LedgerMissing,

    /// <summary>The ledger was altered, or belongs to another device key.</summary>
    LedgerTampered,

    /// <summary>The ledger can't be read, locked or written.</summary>
    LedgerUnavailable,

    /// <summary>The ledger holds as many grants as it can.</summary>
    LedgerFull,

    /// <summary>A newer license of the same grant was used on this device.</summary>
    Superseded,

    /// <summary>All licensed calls are used.</summary>
    QuotaExceeded,

    /// <summary>The license that is to replace one in use is not of the same grant, or not newer.</summary>
    NotARenewal,

    /// <summary>As many calls as the license allows at once are running on this device.</summary>
    ConcurrencyExceeded,

    /// <summary>The clock of this machine is behind a time that was seen or signed before.</summary>
    ClockRollback,

    /// <summary>A newer bundle of the same model was opened on this device.</summary>
    BundleRollback,

    /// <summary>The time that the license may be used without a fresh status list is over.</summary>
    OfflineBudgetExceeded,

    /// <summary>The status list is over its own time, or older than one that was seen.</summary>
    StatusStale,

    /// <summary>The status list was altered, is signed by somebody else, or does not cover the license.</summary>
    StatusInvalid,

    /// <summary>The issuer has revoked the license.</summary>
    Revoked,

    /// <summary>The issuer has suspended the license; it may come back.</summary>
    Suspended,

    /// <summary>The issuer has revoked this device.</summary>
    DeviceRevoked,

    /// <summary>The issuer has revoked this bundle.</summary>
    BundleRevoked,

    /// <summary>The issuer has revoked the certificate that signed this bundle, from before it was signed.</summary>
    SignerRevoked,

    /// <summary>A token of the license is not below the one that it names, or was not allowed to be added.</summary>
    DelegationInvalid,

    /// <summary>A token of the license gives more than the one above it.</summary>
    Widened,

    /// <summary>The license is for a delegate to pass on, and bound to no device.</summary>
    NotForADevice,

    /// <summary>Inputs may not be sent to that address.</summary>
    EndpointNotLicensed,

    /// <summary>There is nothing to receipt: the license counts no calls on this device.</summary>
    NothingCounted,

    /// <summary>The application trusts an older issuer set than this device has seen.</summary>
    IssuersRolledBack,

    /// <summary>Inputs would leave with content in them that the license wants removed first.</summary>
    NotDesensitised,
}
