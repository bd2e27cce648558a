using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary><c>PUBLISHER/issuers/ISSUER.jwk</c> of a trust folder: whose licenses applications accept.</summary>
internal static class TrustedIssuerFile
{
    public static string NameOf(string publisher, string issuer) => Path.Combine(publisher, "issuers", issuer + ".jwk");

    /// <summary>Names an issuer in a trust folder that has its publisher; one that is named there already keeps its key.</summary>
    /// <returns>The file's path.</returns>
    /// <exception cref="KeyException">The folder does not have the publisher, or has that issuer with another key.</exception>
    public static string Save(string trust, string publisher, TrustedIssuer issuer)
    {
        if (!TrustStore.FromDirectory(trust).Publishers.TryGetValue(publisher, out var trusted))
        {
            throw new KeyException(KeyError.NotFound, $"The trust folder '{trust}' does not have the publisher '{publisher}'. Give the one that the applications ship.");
        }

        var path = Path.Combine(trust, NameOf(publisher, issuer.Name));
        var known = trusted.Issuers.FirstOrDefault(other => other.Name == issuer.Name);
        if (known is null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, issuer.Key.ToJson() + "\n");
        }

        return known is null || known.Key.Equals(issuer.Key)
            ? path
            : throw new KeyException(KeyError.AlreadyExists, $"'{path}' names '{issuer.Name}' with another key ({known.Key.Thumbprint}), and is never overwritten. Move it away if licenses of the old key are to be refused, or give the issuer another name.");
    }
}
