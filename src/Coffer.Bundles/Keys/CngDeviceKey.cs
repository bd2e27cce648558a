using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A device key in Windows' key storage (CNG): kept for the account by the software provider, or in the machine's TPM by the
/// platform provider. The keys can't be exported.
/// </summary>
/// <remarks>
/// <b>Never run:</b> Coffer is built and tested on Linux, where this type compiles and refuses to work. Run the device key
/// conformance tests on Windows before you rely on it. Opening an envelope needs the raw shared secret of ECDH
/// (<c>BCRYPT_KDF_RAW_SECRET</c>, Windows 10 and later); a provider that does not give it fails with <see cref="KeyError.Unavailable"/>.
/// </remarks>
[SupportedOSPlatform("windows")]
public sealed class CngDeviceKey : PlatformDeviceKey
{
    // winerror.h: NTE_EXISTS.
    private const int ObjectExists = unchecked((int)0x8009000F);

    private CngDeviceKey(CngKey signing, CngKey agreement, CngKeyOptions options)
        : base(new EcKeyPair(new ECDsaCng(signing), new ECDiffieHellmanCng(agreement), options.Provider), $"{options.Provider} as '{options.Name}'", "coffer/cng/1")
    {
    }

    /// <summary>Makes both keys, and the ledger where a path is given. Nothing is overwritten; on failure nothing is left.</summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.AlreadyExists"/>: keys or a ledger of that name are there. <see cref="KeyError.Unavailable"/>: the provider fails.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">This is not Windows.</exception>
    public static CngDeviceKey Create(CngKeyOptions options)
    {
        RequireWindows(options);
        var made = new List<CngKey>();
        CngDeviceKey? key = null;
        try
        {
            made.Add(CreateKey(options, SigningName(options), CngAlgorithm.ECDsaP256, CngKeyUsages.Signing));
            made.Add(CreateKey(options, AgreementName(options), CngAlgorithm.ECDiffieHellmanP256, CngKeyUsages.KeyAgreement));
            key = new CngDeviceKey(made[0], made[1], options);
            key.AttachLedger(options.LedgerPath, isNew: true);
            made.ForEach(handle => handle.Dispose());
            return key;
        }
        catch
        {
            // A device key without its ledger could never hold a quota; all or nothing.
            key?.Dispose();
            made.ForEach(handle => handle.Delete());
            throw;
        }
    }

    /// <summary>Opens keys that <see cref="Create"/> made.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>: no such keys. <see cref="KeyError.Unavailable"/>: the provider fails.</exception>
    /// <exception cref="LicenseException">The ledger can't be opened; as <see cref="UsageLedger.Open"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Windows.</exception>
    public static CngDeviceKey Open(CngKeyOptions options)
    {
        RequireWindows(options);
        using var signing = OpenKey(options, SigningName(options));
        using var agreement = OpenKey(options, AgreementName(options));
        var key = new CngDeviceKey(signing, agreement, options);
        try
        {
            key.AttachLedger(options.LedgerPath, isNew: false);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static CngKey CreateKey(CngKeyOptions options, string name, CngAlgorithm algorithm, CngKeyUsages usage)
    {
        try
        {
            return CngKey.Create(algorithm, name, new CngKeyCreationParameters
            {
                Provider = new CngProvider(options.Provider),
                ExportPolicy = CngExportPolicies.None,
                KeyUsage = usage,
                KeyCreationOptions = options.IsForMachine ? CngKeyCreationOptions.MachineKey : CngKeyCreationOptions.None,
            });
        }
        catch (CryptographicException e) when (e.HResult == ObjectExists)
        {
            throw new KeyException(KeyError.AlreadyExists, $"{options.Provider} holds a key '{name}' already. Choose another name, or open the key that is there.", e);
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.Unavailable, $"{options.Provider} can't make the key '{name}': {e.Message} Check that this machine has the provider and that this account may use it.", e);
        }
    }

    private static CngKey OpenKey(CngKeyOptions options, string name)
    {
        var provider = new CngProvider(options.Provider);
        var scope = options.IsForMachine ? CngKeyOpenOptions.MachineKey : CngKeyOpenOptions.UserKey;
        try
        {
            return CngKey.Exists(name, provider, scope)
                ? CngKey.Open(name, provider, scope)
                : throw new KeyException(KeyError.NotFound, $"{options.Provider} holds no key '{name}' for this {(options.IsForMachine ? "machine" : "account")}. Make the keys with {nameof(CngDeviceKey)}.{nameof(Create)}, or give the name of others.");
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.Unavailable, $"{options.Provider} can't open the key '{name}': {e.Message} Check that this machine has the provider and that this account may use it.", e);
        }
    }

    private static string SigningName(CngKeyOptions options) => options.Name + "-signing";

    private static string AgreementName(CngKeyOptions options) => options.Name + "-agreement";

    private static void RequireWindows(CngKeyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Name);
        ArgumentException.ThrowIfNullOrEmpty(options.Provider);
        if (!OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException($"{nameof(CngDeviceKey)} is for Windows. Use {nameof(FileDeviceKey)}, or the key store of this system.");
        }
    }
}
