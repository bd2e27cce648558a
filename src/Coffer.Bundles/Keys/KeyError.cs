namespace Coffer.Bundles;

/// <summary>What is wrong with a key.</summary>
public enum KeyError
{
    /// <summary>There is no key, or no folder of keys, at that place.</summary>
    NotFound,

    /// <summary>The file is not a key of the expected form.</summary>
    Malformed,

    /// <summary>Other users of the machine can read a private key; nothing that it signs or unwraps can be relied on.</summary>
    ReadableByOthers,

    /// <summary>The key's type or curve is not one that the operation allows.</summary>
    UnsupportedKey,

    /// <summary>The key did not open what was given: it was made for another key, or it was altered.</summary>
    UnwrapFailed,

    /// <summary>A key is already there; it is never overwritten.</summary>
    AlreadyExists,

    /// <summary>The token that holds the key refused the PIN, or has locked it.</summary>
    AccessDenied,

    /// <summary>The token that holds the key can't be used now: unplugged, unreachable, or failing.</summary>
    Unavailable,

    /// <summary>No root of the publisher vouches for the certificate that signs its grants.</summary>
    Untrusted,

    /// <summary>The key file is under a passphrase, and none was given.</summary>
    PassphraseRequired,

    /// <summary>The passphrase does not open the key file: it is another one, or the file was altered, or it has none.</summary>
    PassphraseWrong,
}
