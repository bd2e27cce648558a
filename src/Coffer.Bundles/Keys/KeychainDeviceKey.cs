using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// A device key in the user's keychain on macOS. .NET keeps keys there only with certificates, so each of the two has a
/// self-signed one, <c>CN=coffer NAME signing</c> and <c>CN=coffer NAME agreement</c>, which nobody trusts or reads.
/// </summary>
/// <remarks>
/// <b>Never run on macOS:</b> Coffer is built and tested on Linux, where the same code is tested over .NET's certificate store in
/// files. Run the device key conformance tests on macOS before you rely on it. The keys are made in this process and then
/// imported, not to be exported again; they are not in the Secure Enclave, and the system asks the user before another
/// application uses them.
/// </remarks>
[SupportedOSPlatform("macos")]
public sealed class KeychainDeviceKey : PlatformDeviceKey
{
    private KeychainDeviceKey(EcKeyPair keys, string name)
        : base(keys, $"the keychain as '{name}'", "coffer/keychain/1")
    {
    }

    /// <summary>Makes both keys, and the ledger where a path is given. Nothing is overwritten; on failure nothing is left.</summary>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.AlreadyExists"/>: keys or a ledger of that name are there. <see cref="KeyError.Unavailable"/>: the keychain is locked or fails.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">This is not macOS.</exception>
    public static KeychainDeviceKey Create(KeychainKeyOptions options)
    {
        RequireMac();
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        return Create(store, options);
    }

    /// <summary>Opens keys that <see cref="Create(KeychainKeyOptions)"/> made.</summary>
    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>: no such keys. <see cref="KeyError.Unavailable"/>: the keychain is locked or fails.</exception>
    /// <exception cref="LicenseException">The ledger can't be opened; as <see cref="UsageLedger.Open"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not macOS.</exception>
    public static KeychainDeviceKey Open(KeychainKeyOptions options)
    {
        RequireMac();
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        return Open(store, options);
    }

    internal static KeychainDeviceKey Create(X509Store store, KeychainKeyOptions options)
    {
        RequireName(options);
        CertificateStoreKeys.Create(store, options.Name);
        try
        {
            return Open(store, options, isNew: true);
        }
        catch
        {
            // A device key without its ledger could never hold a quota; all or nothing.
            CertificateStoreKeys.Delete(store, options.Name);
            throw;
        }
    }

    internal static KeychainDeviceKey Open(X509Store store, KeychainKeyOptions options)
    {
        RequireName(options);
        return Open(store, options, isNew: false);
    }

    private static KeychainDeviceKey Open(X509Store store, KeychainKeyOptions options, bool isNew)
    {
        var key = new KeychainDeviceKey(CertificateStoreKeys.Open(store, options.Name), options.Name);
        try
        {
            key.AttachLedger(options.LedgerPath, isNew);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void RequireName(KeychainKeyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!ContentKeyId.IsName(options.Name))
        {
            throw new ArgumentException($"'{CompactToken.Shown(options.Name)}' is not a name for keys: letters, digits, dots, dashes and underscores, at most 96.", nameof(options));
        }
    }

    private static void RequireMac()
    {
        if (!OperatingSystem.IsMacOS())
        {
            throw new PlatformNotSupportedException($"{nameof(KeychainDeviceKey)} is for macOS. Use {nameof(FileDeviceKey)}, or the key store of this system.");
        }
    }
}
