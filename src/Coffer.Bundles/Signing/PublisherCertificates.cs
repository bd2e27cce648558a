using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// Makes the two certificates of a publisher: a root that stays in a safe, and a signing certificate under it. A publisher
/// with a certificate authority of its own needs neither: see FORMAT.md §5 for what a signing certificate must say.
/// </summary>
public static class PublisherCertificates
{
    /// <summary>How long a root is valid unless told otherwise: 20 years.</summary>
    public static readonly TimeSpan DefaultRootLifetime = TimeSpan.FromDays(20 * 365);

    /// <summary>How long a signing certificate is valid unless told otherwise: 10 years. Bundles without a timestamp die with it.</summary>
    public static readonly TimeSpan DefaultSignerLifetime = TimeSpan.FromDays(10 * 365);

    private static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    /// <summary>A self-signed root for a publisher.</summary>
    /// <param name="publisher">The publisher's name.</param>
    /// <param name="key">The root's private key.</param>
    /// <param name="lifetime">Null for <see cref="DefaultRootLifetime"/>.</param>
    /// <param name="clock">Null for the system's.</param>
    public static X509Certificate2 CreateRoot(string publisher, ECDsa key, TimeSpan? lifetime = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(publisher);
        ArgumentNullException.ThrowIfNull(key);
        var request = new CertificateRequest(Subject(publisher, "root"), key, HashFor(key));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        using var withKey = request.CreateSelfSigned(now - Backdating, now + (lifetime ?? DefaultRootLifetime));
        return X509CertificateLoader.LoadCertificate(withKey.RawData);
    }

    /// <summary>A certificate for signing bundles, issued by a root.</summary>
    /// <param name="publisher">The publisher's name.</param>
    /// <param name="key">The signer's key; only its public half is used.</param>
    /// <param name="root">The root's certificate.</param>
    /// <param name="rootKey">The root's private key.</param>
    /// <param name="lifetime">Null for <see cref="DefaultSignerLifetime"/>; cut to the root's.</param>
    /// <param name="clock">Null for the system's.</param>
    public static X509Certificate2 IssueSigner(string publisher, ECDsa key, X509Certificate2 root, ECDsa rootKey, TimeSpan? lifetime = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(publisher);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(rootKey);
        var request = new CertificateRequest(Subject(publisher, "bundle signing"), key, HashFor(rootKey));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CmsOids.BundleSigning)], critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        var notAfter = now + (lifetime ?? DefaultSignerLifetime);
        var rootNotAfter = new DateTimeOffset(root.NotAfter);
        return request.Create(
            root.SubjectName,
            X509SignatureGenerator.CreateForECDsa(rootKey),
            now - Backdating,
            notAfter < rootNotAfter ? notAfter : rootNotAfter,
            SerialNumber());
    }

    private static X500DistinguishedName Subject(string publisher, string role)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddOrganizationName(publisher);
        name.AddCommonName($"{publisher} {role}");
        return name.Build();
    }

    private static HashAlgorithmName HashFor(ECDsa key) => key.KeySize > 256 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    // RFC 5280 §4.1.2.2: positive, at most 20 octets.
    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }
}
