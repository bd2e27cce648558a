using Coffer.Bundles;

namespace Coffer.Cli;

/// <summary>Finds, in a license, the token that the owner of a key folder signed.</summary>
internal sealed class IssuedToken(KeyFolder keys)
{
    private readonly JsonWebKey _key = Recipient.Load(Path.Combine(keys.Path, "issuer.jwk")).SigningKey;

    /// <summary>The token's place in the owner's register: of the last token that the owner signed.</summary>
    /// <param name="license">The license, whose signatures the caller has verified.</param>
    /// <param name="uri">The register's address.</param>
    /// <exception cref="LicenseException">The owner signed none of its tokens, or the one has no place in that register.</exception>
    public StatusReference StatusOf(License license, string uri)
    {
        var own = Enumerable.Range(0, license.Chain.Count).Where(i => IsOwn(license.Chain, i)).Select(i => license.Chain[i]).LastOrDefault()
            ?? throw new LicenseException(LicenseError.IssuerUntrusted, $"'{keys.Issuer}' did not issue the license: it is of {string.Join(", then ", license.Chain.Select(token => $"'{token.Issuer}'"))}. Only who issued it can revoke it.");
        return own.Status is not { } status ? throw new LicenseException(LicenseError.StatusInvalid, $"The license of '{own.Licensee}' has no place in a status list, so that no device would learn of its revocation. Issue licenses that you may want back with --status; this one ends when it expires.")
            : status.Uri == uri ? status
            : throw new LicenseException(LicenseError.StatusInvalid, $"The license's status is published at '{status.Uri}', and the register in '{keys.Path}' is for '{uri}'. Give the keys with the register that it was issued from.");
    }

    // The first token was checked with the issuer's key in the trust folder, each other with the key that the one above names.
    private bool IsOwn(IReadOnlyList<LicenseClaims> chain, int at) =>
        at == 0 ? chain[0].Issuer == keys.Issuer : chain[at - 1].Delegate?.Key.Equals(_key) == true;
}
