namespace Coffer.Bundles;

/// <summary>Where a device's keys lie behind a provider of OpenSSL 3.</summary>
public sealed record OpenSslKeyOptions
{
    /// <summary>The provider's name. Default: <c>tpm2</c>, the TPM (Debian's <c>tpm2-openssl</c>).</summary>
    public string Provider { get; init; } = "tpm2";

    /// <summary>The signing key, EC P-256, in the provider's words: for <c>tpm2</c> a persistent handle, <c>handle:0x81000001</c>.</summary>
    public required string SigningKeyUri { get; init; }

    /// <summary>The agreement key, EC P-256 and another than the signing key: for <c>tpm2</c> one that may decrypt.</summary>
    public required string AgreementKeyUri { get; init; }

    /// <summary>
    /// The file of the device's usage ledger, which <see cref="UsageLedger.Create"/> makes once for a new key. Null, the default: no
    /// ledger; no license that counts calls can then be made for this key.
    /// </summary>
    public string? LedgerPath { get; init; }
}
