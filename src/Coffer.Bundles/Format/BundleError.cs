namespace Coffer.Bundles;

/// <summary>Why a bundle was rejected.</summary>
public enum BundleError
{
    /// <summary>The file does not begin with the magic of a Coffer bundle.</summary>
    NotABundle,

    /// <summary>The bundle was made for a newer format or a newer SDK than this one.</summary>
    UnsupportedVersion,

    /// <summary>The file is shorter than its header says.</summary>
    Truncated,

    /// <summary>The file goes on after the end that its header gives.</summary>
    TrailingData,

    /// <summary>A header field has a value that the format does not allow.</summary>
    InvalidHeader,

    /// <summary>The manifest is not the JSON that the format requires.</summary>
    InvalidManifest,

    /// <summary>A length or a count exceeds <see cref="BundleLimits"/>.</summary>
    LimitExceeded,

    /// <summary>Bytes that must be zero are not.</summary>
    NonZeroPadding,

    /// <summary>The signature slot does not hold a CMS signature in the profile of FORMAT.md §5.</summary>
    InvalidSignature,

    /// <summary>The header or the manifest is not what was signed.</summary>
    ContentAltered,

    /// <summary>The signature is sound, but its certificate does not chain to a root that is trusted for this publisher.</summary>
    UntrustedSigner,

    /// <summary>The signing certificate was not yet valid at the time of verification.</summary>
    SignerNotYetValid,

    /// <summary>The signing certificate had expired at the time of verification.</summary>
    SignerExpired,

    /// <summary>The certificate was not issued for signing bundles.</summary>
    SignerWrongUsage,

    /// <summary>The publisher asks for a timestamp and the signature carries none.</summary>
    TimestampMissing,

    /// <summary>A leaf table does not hash to the digest in the signed manifest.</summary>
    LeafTableAltered,

    /// <summary>A part's encrypted bytes do not hash to the leaf table.</summary>
    PartAltered,

    /// <summary>The bundle has no part of that name.</summary>
    PartMissing,

    /// <summary>The content key does not open the part: the license carries another key under this key id.</summary>
    WrongContentKey,

    /// <summary>The file could not be read.</summary>
    Unreadable,

    /// <summary>The signature carries a timestamp that does not verify, or an authority's response is no such timestamp.</summary>
    TimestampInvalid,

    /// <summary>The signing certificate is not among those that the publisher's issuer set names.</summary>
    SignerRetired,
}
