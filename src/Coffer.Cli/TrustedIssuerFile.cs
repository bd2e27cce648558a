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

        RequireNoOther(trusted, issuer, trust);
        var path = Path.Combine(trust, NameOf(publisher, issuer.Name));
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, issuer.Key.ToJson() + "\n");
        }

        return path;
    }

    /// <summary>Refuses an issuer that goes by the name of another.</summary>
    /// <param name="publisher">The publisher whose issuers are known.</param>
    /// <param name="issuer">The issuer.</param>
    /// <param name="trust">The folder that names them, for the message.</param>
    /// <exception cref="KeyException">The publisher has an issuer of that name with another key.</exception>
    public static void RequireNoOther(TrustedPublisher publisher, TrustedIssuer issuer, string trust)
    {
        if (publisher.Issuers.FirstOrDefault(other => other.Name == issuer.Name) is { } known && !known.Key.Equals(issuer.Key))
        {
            throw new KeyException(KeyError.AlreadyExists, $"'{Path.Combine(trust, NameOf(publisher.Name, issuer.Name))}' names '{issuer.Name}' with another key ({known.Key.Thumbprint}), and is never overwritten. Move it away if licenses of the old key are to be refused, or give the issuer another name.");
        }
    }
}
