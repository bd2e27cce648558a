using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// A certificate chain to given roots, for one use, at one time. Nothing is asked or downloaded, and the system's own roots
/// don't count. Certificates among the anchors that are no roots serve as intermediates.
/// </summary>
internal sealed class OfflineChain : IDisposable
{
    private readonly X509Chain _chain = new();
    private readonly List<X509Certificate2> _intermediates = [];

    public OfflineChain(IEnumerable<X509Certificate2> anchors, IEnumerable<ReadOnlyMemory<byte>> intermediates, string usage, DateTimeOffset time)
    {
        var policy = _chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.UtcDateTime;
        policy.VerificationTimeIgnored = false;
        policy.ApplicationPolicy.Add(new Oid(usage));
        foreach (var anchor in anchors)
        {
            (IsSelfIssued(anchor) ? policy.CustomTrustStore : policy.ExtraStore).Add(anchor);
        }

        foreach (var intermediate in intermediates)
        {
            _intermediates.Add(X509CertificateLoader.LoadCertificate(intermediate.Span));
        }

        policy.ExtraStore.AddRange(_intermediates.ToArray());
    }

    /// <summary>What was found wrong.</summary>
    public X509ChainStatusFlags Status => _chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, status) => flags | status.Status);

    /// <summary>The certificates of the chain, the leaf first.</summary>
    public IEnumerable<X509Certificate2> Certificates => _chain.ChainElements.Select(element => element.Certificate);

    public bool TryBuild(X509Certificate2 leaf) => _chain.Build(leaf);

    public void Dispose()
    {
        _chain.Dispose();
        _intermediates.ForEach(certificate => certificate.Dispose());
    }

    /// <summary>Whether it is a root among anchors.</summary>
    public static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
