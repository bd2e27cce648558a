using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>Writes the claims of an issuer set as <see cref="IssuerSetReader"/> reads them.</summary>
internal static class IssuerSetWriter
{
    public static ReadOnlySpan<byte> Write(IssuerSetClaims claims) => StrictJson.Write(writer => Write(writer, claims)).WrittenSpan;

    private static void Write(Utf8JsonWriter writer, IssuerSetClaims claims)
    {
        writer.WriteStartObject();
        writer.WriteString("iss", claims.Publisher);
        writer.WriteNumber("ver", claims.Version);
        writer.WriteNumber("iat", claims.IssuedAt.ToUnixTimeSeconds());
        if (claims.Expires is { } expires)
        {
            writer.WriteNumber("exp", expires.ToUnixTimeSeconds());
        }

        writer.WriteStartArray("keys");
        foreach (var key in claims.Keys)
        {
            key.WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("issuers");
        foreach (var issuer in claims.Issuers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", issuer.Name);
            writer.WritePropertyName("jwk");
            issuer.Key.WriteTo(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (claims.Signers is { } signers)
        {
            writer.WriteStartArray("signers");
            foreach (var signer in signers)
            {
                writer.WriteStringValue(signer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
