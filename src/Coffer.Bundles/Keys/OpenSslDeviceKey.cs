using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace Coffer.Bundles;

/// <summary>
/// A device key in a TPM 2.0, or in whatever else a provider of OpenSSL 3 keeps keys: <c>tpm2</c> by default. The provider's own
/// tools make the keys, and both stay there: signatures and key agreement are computed in it.
/// </summary>
/// <remarks>
/// <c>tpm2-openssl</c> finds the TPM by itself or by the variable <c>TPM2OPENSSL_TCTI</c>, and takes keys without an authorisation
/// value alone: whoever may use the TPM of the machine may use them. The README of Coffer.Bundles shows how to make them.
/// </remarks>
[SupportedOSPlatform("linux")]
public sealed class OpenSslDeviceKey : PlatformDeviceKey
{
    private OpenSslDeviceKey(EcKeyPair keys, string place)
        : base(keys, place, "coffer/openssl/1")
    {
    }

    /// <summary>Opens keys that are behind a provider.</summary>
    /// <exception cref="KeyException">
    /// <see cref="KeyError.NotFound"/>: no such provider or key. <see cref="KeyError.UnsupportedKey"/>: a key that is not on P-256, or one key for both.
    /// </exception>
    /// <exception cref="LicenseException">The ledger can't be opened; as <see cref="UsageLedger.Open"/>.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux, or OpenSSL is older than 3.0.</exception>
    public static OpenSslDeviceKey Open(OpenSslKeyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Provider);
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException($"{nameof(OpenSslDeviceKey)} is for Linux. Use {nameof(FileDeviceKey)}, or the key store of this system.");
        }

        var key = new OpenSslDeviceKey(OpenKeys(options), $"OpenSSL's provider '{options.Provider}'");
        try
        {
            if (key.SigningKey.Equals(key.AgreementKey))
            {
                throw new KeyException(KeyError.UnsupportedKey, "One key must not both sign and agree. Make two.");
            }

            key.AttachLedger(options.LedgerPath, isNew: false);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static EcKeyPair OpenKeys(OpenSslKeyOptions options)
    {
        using var signing = OpenKey(options.Provider, options.SigningKeyUri);
        using var agreement = OpenKey(options.Provider, options.AgreementKeyUri);
        try
        {
            return new EcKeyPair(new ECDsaOpenSsl(signing), new ECDiffieHellmanOpenSsl(agreement), $"OpenSSL's provider '{options.Provider}'");
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.UnsupportedKey, $"A key behind OpenSSL's provider '{options.Provider}' is not an EC key on P-256. Make both on that curve.", e);
        }
    }

    private static SafeEvpPKeyHandle OpenKey(string provider, string uri)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        try
        {
            return SafeEvpPKeyHandle.OpenKeyFromProvider(provider, uri);
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.NotFound, $"OpenSSL's provider '{provider}' gives no key '{uri}'. Check that the provider is installed, that this account may use the device, and that the key is there.", e);
        }
    }
}
