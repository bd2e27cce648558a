using System.Text;

namespace Coffer.Bundles;

/// <summary>
/// A license that was read and not yet verified: everything in it is a claim. The file holds one compact JWS of type
/// <c>coffer-license+jwt</c> (RFC 7515, RFC 7519), ES256.
/// </summary>
public sealed class License
{
    internal const string Type = "coffer-license+jwt";

    private readonly Jws _token;

    private License(Jws token, LicenseClaims claims)
    {
        _token = token;
        Claims = claims;
    }

    /// <summary>What the license says, unverified: for showing it, never for deciding.</summary>
    public LicenseClaims Claims { get; }

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
    /// <see cref="LicenseError.WrongType"/>, or <see cref="LicenseError.NotEnforceable"/> for more than one token.
    /// </exception>
    public static License Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var token = text.TrimEnd('\r', '\n');
        if (token.Contains('\n', StringComparison.Ordinal))
        {
            throw new LicenseException(LicenseError.NotEnforceable, "The license holds more than one token: it was delegated, and this SDK version does not enforce delegation. It refuses rather than ignore it; update the SDK or ask for a license from the issuer itself.");
        }

        try
        {
            var jws = Jws.Parse(token, Type);
            return new License(jws, LicenseClaimsReader.Read(jws.Payload));
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

    /// <summary>Checks the signature against the issuers that the trust store allows.</summary>
    /// <exception cref="LicenseException"><see cref="LicenseError.IssuerUntrusted"/> or <see cref="LicenseError.SignatureInvalid"/>.</exception>
    public VerifiedLicense Verify(TrustStore trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var candidates = trust.Publishers.Values
            .SelectMany(publisher => publisher.Issuers, (publisher, issuer) => (Publisher: publisher.Name, Issuer: issuer))
            .Where(pair => pair.Issuer.Name == Claims.Issuer)
            .ToList();
        if (candidates.Count == 0)
        {
            throw new LicenseException(LicenseError.IssuerUntrusted, $"No trusted publisher allows '{CompactToken.Shown(Claims.Issuer)}' to license its models. Get the license from an issuer of the publisher, or update the application's trust anchors.");
        }

        var publishers = candidates.Where(pair => _token.Verify(pair.Issuer.Key)).Select(pair => pair.Publisher).ToHashSet(StringComparer.Ordinal);
        return publishers.Count > 0
            ? new VerifiedLicense(Claims, publishers)
            : throw new LicenseException(LicenseError.SignatureInvalid, $"The license is not signed by '{CompactToken.Shown(Claims.Issuer)}': it was altered, or signed with another key. Ask the vendor for the license file again.");
    }

    private static LicenseError ToLicenseError(JoseError error) => error switch
    {
        JoseError.AlgorithmRefused => LicenseError.AlgorithmRefused,
        JoseError.HeaderRefused => LicenseError.HeaderRefused,
        JoseError.WrongType => LicenseError.WrongType,
        _ => LicenseError.Malformed,
    };
}
