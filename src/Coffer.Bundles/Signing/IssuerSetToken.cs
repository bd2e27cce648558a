namespace Coffer.Bundles;

/// <summary>One line of an issuer set file: one version, as signed.</summary>
internal sealed class IssuerSetToken
{
    public const string Type = "coffer-issuers+jwt";

    private readonly Jws _token;

    private IssuerSetToken(string text, Jws token, IssuerSetClaims claims)
    {
        Text = text;
        _token = token;
        Claims = claims;
    }

    /// <summary>The compact token, without the line feed.</summary>
    public string Text { get; }

    /// <summary>What it says, unverified.</summary>
    public IssuerSetClaims Claims { get; }

    /// <exception cref="JoseException">It is not a token of this type.</exception>
    /// <exception cref="FormatException">Its claims are not those of an issuer set.</exception>
    public static IssuerSetToken Parse(string text)
    {
        var token = Jws.Parse(text, Type);
        return new IssuerSetToken(text, token, IssuerSetReader.Read(token.Payload));
    }

    public bool IsSignedBy(IEnumerable<JsonWebKey> keys) => keys.Any(_token.Verify);
}
