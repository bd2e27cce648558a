using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Bundles;

/// <summary>
/// <c>publisher.crt</c>: the publisher's signing certificate and what stands between it and the root, in PEM. It is public and
/// travels with grants, so that it proves nothing by itself.
/// </summary>
internal static class PublisherCertificateFile
{
    /// <summary>The certificates of the file, the signer's first. The caller disposes them.</summary>
    /// <exception cref="KeyException"><see cref="KeyError.NotFound"/> or <see cref="KeyError.Malformed"/>.</exception>
    public static X509Certificate2Collection Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new KeyException(KeyError.NotFound, $"There is no '{path}'. Copy the publisher's certificate there; it is public.");
        }

        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            throw new KeyException(KeyError.Malformed, $"'{path}' does not hold the publisher's signing certificate: {e.Message}", e);
        }

        return chain.Count > 0 ? chain : throw new KeyException(KeyError.Malformed, $"'{path}' holds no certificate.");
    }

    /// <summary>The key that signs a publisher's grants, once a root of that publisher vouches for it.</summary>
    /// <exception cref="KeyException">
    /// As <see cref="Load"/>; <see cref="KeyError.Untrusted"/>: no chain to one of the roots now.
    /// <see cref="KeyError.UnsupportedKey"/>: a key that is not on P-256.
    /// </exception>
    public static JsonWebKey LoadTrustedKey(string path, TrustedPublisher publisher, DateTimeOffset now)
    {
        var certificates = Load(path);
        try
        {
            using var chain = new OfflineChain(publisher.Roots, certificates.Skip(1).Select(certificate => certificate.RawDataMemory), CmsOids.BundleSigning, now);
            if (!chain.TryBuild(certificates[0]) || !SignatureVerifier.IsForSigningBundles(certificates[0]))
            {
                throw new KeyException(KeyError.Untrusted, $"'{path}' does not chain to a root of '{publisher.Name}' for signing bundles ({chain.Status}), so its grants are not believed. Get the publisher's certificate and its trust folder from the publisher itself.");
            }

            using var key = certificates[0].GetECDsaPublicKey()
                ?? throw new KeyException(KeyError.UnsupportedKey, $"'{path}' is not the certificate of a key on P-256, which signs grants.");
            return JsonWebKey.FromECDsa(key);
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }
}
