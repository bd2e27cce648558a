namespace Coffer.Bundles;

/// <summary>Where a device's keys lie in the keychain of macOS.</summary>
public sealed record KeychainKeyOptions
{
    /// <summary>The device's name: letters, digits, dots, dashes and underscores, at most 96. Default: <c>coffer</c>.</summary>
    public string Name { get; init; } = "coffer";

    /// <summary>
    /// The file of the device's usage ledger: made by <see cref="KeychainDeviceKey.Create(KeychainKeyOptions)"/>, opened by
    /// <see cref="KeychainDeviceKey.Open(KeychainKeyOptions)"/>. Null, the default: no ledger; no license that counts calls can then
    /// be made for this key.
    /// </summary>
    public string? LedgerPath { get; init; }
}
