using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>The corpus's publisher: certificates with fixed serial numbers and times, signed deterministically.</summary>
internal sealed class CorpusPublisher
{
    public const string Name = "acme";

    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public CorpusPublisher()
    {
        Root = IssueRoot("corpus root", RootKey, 1);
        OtherRoot = IssueRoot("corpus root of somebody else", OtherRootKey, 2);
        TimestampRoot = IssueRoot("corpus timestamp root", TimestampRootKey, 3);
        Intermediate = Issue("corpus authority", IntermediateKey, Root, RootKey, 4, authority: true);
        Signer = Issue("corpus signer", SignerKey, Root, RootKey, 5);
        SignerUnderIntermediate = Issue("corpus signer", SignerKey, Intermediate, IntermediateKey, 6);
        Trust = new TrustStore(new TrustedPublisher(Name, [Root], [new TrustedIssuer(CorpusLicenses.Issuer, CorpusDevice.Issuer.SigningKey)]) { TimestampAuthorities = [TimestampRoot] });
    }

    public DeterministicEcdsa RootKey { get; } = DeterministicEcdsa.Named("root");

    public DeterministicEcdsa OtherRootKey { get; } = DeterministicEcdsa.Named("other root");

    public DeterministicEcdsa TimestampRootKey { get; } = DeterministicEcdsa.Named("timestamp root");

    public DeterministicEcdsa IntermediateKey { get; } = DeterministicEcdsa.Named("intermediate");

    public DeterministicEcdsa SignerKey { get; } = DeterministicEcdsa.Named("signer");

    public X509Certificate2 Root { get; }

    public X509Certificate2 OtherRoot { get; }

    public X509Certificate2 TimestampRoot { get; }

    public X509Certificate2 Intermediate { get; }

    public X509Certificate2 Signer { get; }

    public X509Certificate2 SignerUnderIntermediate { get; }

    public TrustStore Trust { get; }

    /// <summary>A certificate for signing bundles, or the one that <paramref name="usage"/> and the rest make of it.</summary>
    public static X509Certificate2 Issue(
        string subject,
        ECDsa key,
        X509Certificate2 issuer,
        ECDsa issuerKey,
        byte serial,
        bool authority = false,
        string usage = CmsOids.BundleSigning,
        X509KeyUsageFlags keyUsage = X509KeyUsageFlags.DigitalSignature,
        int fromDays = 0,
        int days = 20 * 365,
        bool critical = true)
    {
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(authority ? X509KeyUsageFlags.KeyCertSign | keyUsage : keyUsage, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical));
        return request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), From.AddDays(fromDays), From.AddDays(fromDays + days), [serial]);
    }

    private static X509Certificate2 IssueRoot(string subject, ECDsa key, byte serial)
    {
        var request = new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), From, From.AddDays(20 * 365), [serial]);
    }
}
