using System.Globalization;
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
    /// <exception cref="ArgumentException">Two entries have the same name, or an entry has no root or another publisher's issuer set.</exception>
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

            if (publisher.IssuerSet is { } set && set.Claims.Publisher != publisher.Name)
            {
                throw new ArgumentException($"Publisher '{publisher.Name}' has the issuer set of '{set.Claims.Publisher}'; give its own.", nameof(publishers));
            }

            // One answer to who may license: the set's, where there is one.
            if (!_publishers.TryAdd(publisher.Name, publisher.IssuerSet is null ? publisher : publisher with { Issuers = publisher.IssuerSet.Claims.Issuers }))
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
    /// <c>PUBLISHER/issuers/ISSUER.jwk</c> are the license issuers that this publisher allows. Where <c>PUBLISHER/issuers.set</c> is
    /// there (<c>coffer issuers publish</c>), its newest version says who they are, and the <c>.jwk</c> files say nothing.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="clock">For the end of issuer sets; the system's where null.</param>
    /// <exception cref="KeyException">The folder is missing or empty, or a file in it can't be read.</exception>
    /// <exception cref="TrustException">An issuer set is refused, as <see cref="Update"/> refuses it.</exception>
    public static TrustStore FromDirectory(string path, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            throw new KeyException(KeyError.NotFound, $"'{path}' is not a folder of trust anchors; give the 'trust' folder that 'coffer keys init' made.");
        }

        var publishers = Directory.GetDirectories(path).Order(StringComparer.Ordinal).Select(ReadPublisher).ToList();
        publishers.ForEach(publisher => RequireInTime(publisher.IssuerSet, clock));
        return publishers.Count > 0
            ? new TrustStore(publishers)
            : throw new KeyException(KeyError.NotFound, $"'{path}' names no publisher; it needs PUBLISHER/root.crt and PUBLISHER/issuers/ISSUER.jwk.");
    }

    /// <summary>
    /// Takes the newest version of a publisher's issuer set in: from then on its issuers are the only ones, and its signers, where it
    /// names them. Version 1 must be signed by a root of the publisher, each later one by a key of the version before. This store
    /// stays as it is; what was opened with it stays open.
    /// </summary>
    /// <param name="file">The file, with every version from 1, or from one that this store holds or that follows it.</param>
    /// <param name="clock">For the end of the newest version; the system's where null.</param>
    /// <returns>A store with the newest version of the file.</returns>
    /// <exception cref="TrustException">
    /// <see cref="TrustError.PublisherUnknown"/>, <see cref="TrustError.SignatureInvalid"/>, <see cref="TrustError.NotLinked"/>,
    /// <see cref="TrustError.RolledBack"/>, <see cref="TrustError.Forked"/> or <see cref="TrustError.Expired"/>.
    /// </exception>
    public TrustStore Update(IssuerSetFile file, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!_publishers.TryGetValue(file.Publisher, out var publisher))
        {
            throw new TrustException(TrustError.PublisherUnknown, $"The issuer set is of '{file.Publisher}', which is not in the trust store. If you trust that publisher, add its root certificate.");
        }

        var set = IssuerSetVerifier.Verify(file, publisher);
        RequireInTime(set, clock);
        return new TrustStore(_publishers.Values.Select(other => other.Name == publisher.Name ? publisher with { IssuerSet = set } : other));
    }

    /// <summary>One publisher of a folder, its issuer set verified and its end not asked for.</summary>
    internal static TrustedPublisher ReadPublisher(string folder)
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
        var publisher = new TrustedPublisher(Path.GetFileName(folder), roots, issuers) { TimestampAuthorities = timestampAuthorities };
        var setFile = Path.Combine(folder, IssuerSetName);
        return File.Exists(setFile) ? publisher with { IssuerSet = ReadIssuerSet(setFile, publisher) } : publisher;
    }

    private static IssuerSet ReadIssuerSet(string path, TrustedPublisher publisher)
    {
        var file = IssuerSetFile.Load(path);
        return file.Publisher == publisher.Name
            ? IssuerSetVerifier.Verify(file, publisher)
            : throw new TrustException(TrustError.PublisherUnknown, $"'{path}' is the issuer set of '{file.Publisher}', and lies in the folder of '{publisher.Name}'. Move it to its publisher's folder.");
    }

    private static void RequireInTime(IssuerSet? set, TimeProvider? clock)
    {
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        if (set?.Claims.Expires is { } end && end <= now)
        {
            throw new TrustException(TrustError.Expired, string.Create(CultureInfo.InvariantCulture, $"The issuer set of '{set.Claims.Publisher}', version {set.Version}, was valid until {end:u}, and it is {now:u}. Fetch a newer one from its publisher, or set the clock."));
        }
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

    private const string IssuerSetName = "issuers.set";
}
