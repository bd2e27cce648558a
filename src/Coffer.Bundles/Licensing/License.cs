using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A license that was read and not yet verified: everything in it is a claim. The file holds compact JWS of type
/// <c>coffer-license+jwt</c> (RFC 7515, RFC 7519), ES256, one a line: the issuer's first, then what delegates added below it.
/// </summary>
public sealed class License
{
    internal const string Type = "coffer-license+jwt";

    /// <summary>The longest chain of tokens.</summary>
    internal const int MaxTokens = 8;

    private readonly List<Jws> _tokens;
    private readonly List<string> _lines;

    private License(List<string> lines, List<Jws> tokens, List<LicenseClaims> chain)
    {
        _lines = lines;
        _tokens = tokens;
        Chain = chain;
        Claims = chain.Aggregate(LicenseNarrowing.Narrow);
    }

    /// <summary>
    /// What the license allows, unverified: for showing it, never for deciding. Of a license with tokens below the first, the
    /// last one's claims within those of all above.
    /// </summary>
    public LicenseClaims Claims { get; }

    /// <summary>What each token states by itself, the issuer's first.</summary>
    public IReadOnlyList<LicenseClaims> Chain { get; }

    /// <summary>Reads a license file of at most 256 KiB.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.NotFound"/>, or as <see cref="Parse"/>.</exception>
    public static License Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(Encoding.UTF8.GetString(KeyStorage.ReadPublic(path, Jws.MaxLength, "Ask the vendor for a license of this device.")));
        }
        catch (KeyException e)
        {
            throw new LicenseException(e.Error is KeyError.NotFound ? LicenseError.NotFound : LicenseError.Malformed, e.Message, e);
        }
    }

    /// <summary>Reads the text of a license file.</summary>
    /// <exception cref="LicenseException">
    /// <see cref="LicenseError.Malformed"/>, <see cref="LicenseError.AlgorithmRefused"/>, <see cref="LicenseError.HeaderRefused"/>,
    /// <see cref="LicenseError.WrongType"/>; <see cref="LicenseError.DelegationInvalid"/> or <see cref="LicenseError.Widened"/> where a
    /// token does not belong below the one before it.
    /// </exception>
    public static License Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.TrimEnd('\r', '\n').Split('\n', MaxTokens + 1).Select(line => line.TrimEnd('\r')).ToList();
        if (lines.Count > MaxTokens)
        {
            throw new LicenseException(LicenseError.DelegationInvalid, $"The license is refused: it holds more than {MaxTokens} tokens. Ask for one that was passed on less often.");
        }

        try
        {
            var tokens = lines.ConvertAll(line => Jws.Parse(line, Type));
            var chain = tokens.ConvertAll(token => LicenseClaimsReader.Read(token.Payload));
            RequireLinks(lines, chain);
            return new License(lines, tokens, chain);
        }
        catch (JoseException e)
        {
            throw new LicenseException(ToLicenseError(e.Error), $"The license is refused: {e.Message}. Ask the vendor for the license file again.");
        }
        catch (FormatException e)
        {
            throw new LicenseException(LicenseError.Malformed, $"The license can't be read. {e.Message} Ask the vendor for the license file again.");
        }
    }

    /// <summary>Checks every signature: the first token's against the issuers that the trust store allows, each other's against the key that the one above names.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.IssuerUntrusted"/> or <see cref="LicenseError.SignatureInvalid"/>.</exception>
    public VerifiedLicense Verify(TrustStore trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var issuer = Chain[0].Issuer;
        var candidates = trust.Publishers.Values
            .SelectMany(publisher => publisher.Issuers, (publisher, trusted) => (Publisher: publisher.Name, Issuer: trusted))
            .Where(pair => pair.Issuer.Name == issuer)
            .ToList();
        if (candidates.Count == 0)
        {
            throw new LicenseException(LicenseError.IssuerUntrusted, $"No trusted publisher allows '{CompactToken.Shown(issuer)}' to license its models. Get the license from an issuer of the publisher, or update the application's trust anchors.");
        }

        var signers = candidates.Where(pair => _tokens[0].Verify(pair.Issuer.Key)).ToList();
        if (signers.Count == 0)
        {
            throw NotSigned(issuer);
        }

        var verified = new List<LicenseToken> { LicenseToken.First(Chain[0], signers[0].Issuer.Key) };
        for (var i = 1; i < _tokens.Count; i++)
        {
            var key = Chain[i - 1].Delegate!.Key;
            verified.Add(_tokens[i].Verify(key) ? LicenseToken.Below(verified[0], Chain[i], key) : throw NotSigned(Chain[i].Issuer));
        }

        return new VerifiedLicense(this, verified, signers.ToDictionary(pair => pair.Publisher, pair => (long)trust.Publishers[pair.Publisher].IssuerSetVersion, StringComparer.Ordinal));
    }

    /// <summary>The file's text without its end of line.</summary>
    internal string Text => string.Join('\n', _lines);

    /// <summary>What the token below this license names it by: SHA-256 of the last token, base64url.</summary>
    internal string Digest => CompactToken.Digest(_lines[^1]);

    // A chain is told by its hashes before a signature is looked at: another order, or a token left out, is another chain.
    private static void RequireLinks(List<string> lines, List<LicenseClaims> chain)
    {
        for (var i = 0; i < chain.Count; i++)
        {
            if (chain[i].Previous != (i == 0 ? null : CompactToken.Digest(lines[i - 1])))
            {
                throw new LicenseException(LicenseError.DelegationInvalid, "The license is refused: a token is not below the one that it names. Ask who issued it for the whole file.");
            }
        }
    }

    private static LicenseException NotSigned(string by) =>
        new(LicenseError.SignatureInvalid, $"The license is not signed by '{CompactToken.Shown(by)}': it was altered, or signed with another key. Ask the vendor for the license file again.");

    private static LicenseError ToLicenseError(JoseError error) => error switch
    {
        JoseError.AlgorithmRefused => LicenseError.AlgorithmRefused,
        JoseError.HeaderRefused => LicenseError.HeaderRefused,
        JoseError.WrongType => LicenseError.WrongType,
        _ => LicenseError.Malformed,
    };
}
