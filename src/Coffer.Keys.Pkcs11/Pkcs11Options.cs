namespace Coffer.Keys.Pkcs11;

/// <summary>Where a key pair lies in a token, and how to get at it.</summary>
public sealed record Pkcs11Options
{
    /// <summary>The full path of the token maker's PKCS#11 library, for example <c>/usr/lib/softhsm/libsofthsm2.so</c>.</summary>
    public required string LibraryPath { get; init; }

    /// <summary>
    /// Gives the token's user PIN; called once, when the key is opened. The array is cleared after use, so give a new one
    /// on each call.
    /// </summary>
    public required Func<char[]> Pin { get; init; }

    /// <summary>The token's label. Null, the default: any; exactly one token must then match.</summary>
    public string? TokenLabel { get; init; }

    /// <summary>The token's serial number, where labels are not unique. Null, the default: any.</summary>
    public string? TokenSerial { get; init; }

    /// <summary>The label (<c>CKA_LABEL</c>) of the private key that signs: EC P-256. Default: <c>coffer-signing</c>.</summary>
    public string SigningKeyLabel { get; init; } = "coffer-signing";

    /// <summary>
    /// The label of the private key that opens envelopes: EC P-256, or RSA of at least 2048 bits where the token offers OAEP
    /// with SHA-256. Default: <c>coffer-agreement</c>.
    /// </summary>
    public string AgreementKeyLabel { get; init; } = "coffer-agreement";

    /// <summary>
    /// The file of the device's usage ledger: made by <see cref="Pkcs11DeviceKey.Generate"/>, opened by
    /// <see cref="Pkcs11DeviceKey.Open"/>. Null, the default: no ledger, as publishers and issuers need none; no license
    /// that counts calls can then be made for this key.
    /// </summary>
    public string? LedgerPath { get; init; }
}
