using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>Two named keys on P-256 in a certificate store, each with a self-signed certificate that only names it.</summary>
internal static class CertificateStoreKeys
{
    // RFC 5280 §4.1.2.5: a certificate that has no end says so with this time.
    private static readonly DateTimeOffset Start = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <exception cref="KeyException"><see cref="KeyError.AlreadyExists"/> or <see cref="KeyError.Unavailable"/>.</exception>
    public static void Create(X509Store store, string name)
    {
        Use(store, OpenFlags.ReadWrite, () =>
        {
            if (Find(store, Signing(name)).Count + Find(store, Agreement(name)).Count > 0)
            {
                throw new KeyException(KeyError.AlreadyExists, $"The key store holds keys '{name}' already. Choose another name, or open the keys that are there.");
            }

            Add(store, Signing(name), X509KeyUsageFlags.DigitalSignature);
            try
            {
                Add(store, Agreement(name), X509KeyUsageFlags.KeyAgreement);
            }
            catch
            {
                Delete(store, name);
                throw;
            }

            return true;
        });
    }

    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/>, <see cref="KeyError.Malformed"/> or <see cref="KeyError.Unavailable"/>.</exception>
    public static EcKeyPair Open(X509Store store, string name) => Use(store, OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly, () =>
    {
        using var signing = FindOne(store, Signing(name));
        using var agreement = FindOne(store, Agreement(name));
        return new EcKeyPair(
            signing.GetECDsaPrivateKey() ?? throw NoKey(signing),
            agreement.GetECDiffieHellmanPrivateKey() ?? throw NoKey(agreement),
            "the key store");
    });

    public static void Delete(X509Store store, string name) => Use(store, OpenFlags.ReadWrite, () =>
    {
        foreach (var certificate in Find(store, Signing(name)).Concat(Find(store, Agreement(name))))
        {
            store.Remove(certificate);
            certificate.Dispose();
        }

        return true;
    });

    private static void Add(X509Store store, X500DistinguishedName subject, X509KeyUsageFlags usage)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        using var withoutKey = request.Create(subject, X509SignatureGenerator.CreateForECDsa(key), Start, End, [1]);
        using var certificate = WithKey(withoutKey, key, usage);

        // A store keeps the private key only of a certificate that was imported to stay.
        var password = RandomNumberGenerator.GetHexString(32);
        var pkcs12 = certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, password);
        try
        {
            using var imported = X509CertificateLoader.LoadPkcs12(pkcs12, password, X509KeyStorageFlags.PersistKeySet | X509KeyStorageFlags.UserKeySet);
            store.Add(imported);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs12);
        }
    }

    // .NET takes a certificate that is for agreement alone for none of an ECDsa key.
    private static X509Certificate2 WithKey(X509Certificate2 certificate, ECDsa key, X509KeyUsageFlags usage)
    {
        if (usage == X509KeyUsageFlags.DigitalSignature)
        {
            return certificate.CopyWithPrivateKey(key);
        }

        var parameters = key.ExportParameters(includePrivateParameters: true);
        try
        {
            using var agreement = ECDiffieHellman.Create(parameters);
            return certificate.CopyWithPrivateKey(agreement);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    private static X509Certificate2 FindOne(X509Store store, X500DistinguishedName subject)
    {
        var found = Find(store, subject);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new KeyException(KeyError.NotFound, $"The key store holds no key '{subject.Name}'. Make the keys first, or give the name of others."),
            _ => throw new KeyException(KeyError.Malformed, $"The key store holds {found.Count} keys '{subject.Name}'. Delete all but the right one."),
        };
    }

    private static X509Certificate2Collection Find(X509Store store, X500DistinguishedName subject) =>
        store.Certificates.Find(X509FindType.FindBySubjectDistinguishedName, subject.Name, validOnly: false);

    private static T Use<T>(X509Store store, OpenFlags flags, Func<T> action)
    {
        try
        {
            store.Open(flags);
            return action();
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.Unavailable, $"The key store can't be used: {e.Message} Check that it is unlocked and that this account may use it.", e);
        }
    }

    private static KeyException NoKey(X509Certificate2 certificate) =>
        new(KeyError.UnsupportedKey, $"The key store has the certificate '{certificate.Subject}' without its private key on P-256. Delete it, and make the keys again.");

    private static X500DistinguishedName Signing(string name) => Subject($"coffer {name} signing");

    private static X500DistinguishedName Agreement(string name) => Subject($"coffer {name} agreement");

    private static X500DistinguishedName Subject(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName);
        return builder.Build();
    }
}
