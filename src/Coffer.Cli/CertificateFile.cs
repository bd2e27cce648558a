using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Coffer.Cli;

/// <summary>The file of a signing certificate, PEM or DER.</summary>
internal static class CertificateFile
{
    /// <summary>SHA-256 of the certificate, lowercase hex.</summary>
    /// <exception cref="FormatException">The file is not a certificate.</exception>
    public static string DigestOf(string option, string path)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(path);
            return certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        }
        catch (CryptographicException)
        {
            throw Values.Bad(option, path, "the file of a certificate in PEM or DER, such as publisher.crt");
        }
    }
}
