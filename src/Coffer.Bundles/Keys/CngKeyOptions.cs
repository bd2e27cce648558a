namespace Coffer.Bundles;

/// <summary>Where a device's keys lie in Windows.</summary>
public sealed record CngKeyOptions
{
    /// <summary>Keys in files of the system, protected for the account. The default of <see cref="Provider"/>.</summary>
    public const string SoftwareProvider = "Microsoft Software Key Storage Provider";

    /// <summary>Keys in the machine's TPM.</summary>
    public const string TpmProvider = "Microsoft Platform Crypto Provider";

    /// <summary>The device's name, to which <c>-signing</c> and <c>-agreement</c> are added. Default: <c>coffer</c>.</summary>
    public string Name { get; init; } = "coffer";

    /// <summary>The key storage provider's name. Default: <see cref="SoftwareProvider"/>.</summary>
    public string Provider { get; init; } = SoftwareProvider;

    /// <summary>Whether the keys are the machine's, for services, rather than the account's. Default: false.</summary>
    public bool IsForMachine { get; init; }

    /// <summary>
    /// The file of the device's usage ledger: made by <see cref="CngDeviceKey.Create"/>, opened by <see cref="CngDeviceKey.Open"/>.
    /// Null, the default: no ledger; no license that counts calls can then be made for this key.
    /// </summary>
    public string? LedgerPath { get; init; }
}
