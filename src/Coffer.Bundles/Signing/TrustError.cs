namespace Coffer.Bundles;

/// <summary>Why a publisher's issuer set was refused.</summary>
public enum TrustError
{
    /// <summary>The file is not an issuer set file: its lines, a token's form, or a claim. Also one above the limits.</summary>
    Malformed,

    /// <summary>There is no issuer set file at that place.</summary>
    NotFound,

    /// <summary>The set is of a publisher that the trust store does not hold.</summary>
    PublisherUnknown,

    /// <summary>A version is not signed by a key that may sign it: it was altered, or signed with another key.</summary>
    SignatureInvalid,

    /// <summary>The versions in the file are not consecutive.</summary>
    VersionSkipped,

    /// <summary>The file begins with a version that nothing in the trust store leads to.</summary>
    NotLinked,

    /// <summary>The file ends with an older version than the one that the trust store holds.</summary>
    RolledBack,

    /// <summary>The file has another set under a version that the trust store holds.</summary>
    Forked,

    /// <summary>The newest set's time is over.</summary>
    Expired,
}
