using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// Whom an application trusts: for each publisher the roots that its bundles must chain to, and the issuers that may
/// license its models. Immutable. Build it in code, or ship a folder with the application; never read it from a place that
/// the end user of a protected model can write to.
/// </summary>
public sealed class TrustStore
{
    private readonly Dictionary<string, TrustedPublisher> _publishers;

    /// <summary>Trusts the given publishers and no others.</summary>
    /// <exception cref="ArgumentException">Two entries have the same name, or an entry has no root.</exception>
    public TrustStore(params IEnumerable<TrustedPublisher> publishers)
    {
        ArgumentNullException.ThrowIfNull(publishers);
        _publishers = new(StringComparer.Ordinal);
        foreach (var publisher in publishers)
        {
            if (publisher.Roots.Count == 0)
            {
                throw new ArgumentException($"Publisher '{publisher.Name}' has no root certificate; nothing that it signs could be trusted.", nameof(publishers));
            }

            if (!_publishers.TryAdd(publisher.Name, publisher))
            {
                throw new ArgumentException($"Publisher '{publisher.Name}' is given twice; put all its roots and issuers in one entry.", nameof(publishers));
            }
        }
    }

    /// <summary>The publishers, by name.</summary>
    public IReadOnlyDictionary<string, TrustedPublisher> Publishers => _publishers;

    /// <summary>
    /// Reads a folder as <c>coffer keys init</c> writes it: <c>PUBLISHER/*.crt</c> are roots (PEM or DER),
    /// <c>PUBLISHER/timestamp/*.crt</c> its timestamp authorities' roots and what stands between,
    /// <c>PUBLISHER/issuers/ISSUER.jwk</c> are the license issuers that this publisher allows.
    /// </summary>
    /// <exception cref="KeyException">The folder is missing or empty, or a file in it can't be read.</exception>
    public static TrustStore FromDirectory(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            throw new KeyException(KeyError.NotFound, $"'{path}' is not a folder of trust anchors; give the 'trust' folder that 'coffer keys init' made.");
        }

        var publishers = Directory.GetDirectories(path).Order(StringComparer.Ordinal).Select(ReadPublisher).ToList();
        return publishers.Count > 0
            ? new TrustStore(publishers)
            : throw new KeyException(KeyError.NotFound, $"'{path}' names no publisher; it needs PUBLISHER/root.crt and PUBLISHER/issuers/ISSUER.jwk.");
    }

    private static TrustedPublisher ReadPublisher(string folder)
    {
        var roots = Directory.GetFiles(folder, "*.crt").Order(StringComparer.Ordinal).Select(ReadCertificate).ToList();
        if (roots.Count == 0)
        {
            throw new KeyException(KeyError.NotFound, $"'{folder}' holds no root certificate (*.crt); remove the folder or add the publisher's root.");
        }

        var issuersFolder = Path.Combine(folder, "issuers");
        var issuers = Directory.Exists(issuersFolder)
            ? Directory.GetFiles(issuersFolder, "*.jwk").Order(StringComparer.Ordinal).Select(ReadIssuer).ToList()
            : [];
        var timestampFolder = Path.Combine(folder, "timestamp");
        var timestampAuthorities = Directory.Exists(timestampFolder)
            ? Directory.GetFiles(timestampFolder, "*.crt").Order(StringComparer.Ordinal).Select(ReadCertificate).ToList()
            : [];
        return new TrustedPublisher(Path.GetFileName(folder), roots, issuers) { TimestampAuthorities = timestampAuthorities };
    }

    private static X509Certificate2 ReadCertificate(string file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (CryptographicException e)
        {
            throw new KeyException(KeyError.Malformed, $"'{file}' is not an X.509 certificate in PEM or DER.", e);
        }
    }

    private static TrustedIssuer ReadIssuer(string file) =>
        new(Path.GetFileNameWithoutExtension(file), JsonWebKey.Parse(File.ReadAllBytes(file)));
}
