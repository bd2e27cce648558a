using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A JWS in compact form (RFC 7515 §7.1): ES256 with low s, its type fixed by who reads it. A header holds exactly
/// <c>alg</c>, <c>typ</c> and <c>kid</c>; everything else is refused, so that no key, algorithm or extension is ever taken
/// from the token.
/// </summary>
internal sealed class Jws
{
    public const int MaxLength = 256 << 10;

    private readonly byte[] _signingInput;
    private readonly byte[] _signature;

    private Jws(byte[] payload, byte[] signingInput, byte[] signature)
    {
        Payload = payload;
        _signingInput = signingInput;
        _signature = signature;
    }

    /// <summary>What is signed, if the signature holds.</summary>
    public byte[] Payload { get; }

    public static string Sign(string type, ReadOnlySpan<byte> payload, IDeviceKey key)
    {
        var signingInput = SigningInput(type, payload, key.SigningKey);
        Span<byte> signature = stackalloc byte[Es256.SignatureSize];
        key.Sign(Encoding.ASCII.GetBytes(signingInput), signature);
        return $"{signingInput}.{Base64UrlStrict.Encode(signature)}";
    }

    public static string Sign(string type, ReadOnlySpan<byte> payload, ECDsa key)
    {
        var signingInput = SigningInput(type, payload, JsonWebKey.FromECDsa(key));
        Span<byte> signature = stackalloc byte[Es256.SignatureSize];
        Es256.Sign(key, Encoding.ASCII.GetBytes(signingInput), signature);
        return $"{signingInput}.{Base64UrlStrict.Encode(signature)}";
    }

    /// <param name="token">The token.</param>
    /// <param name="type">The type that it must have; null: it must have none.</param>
    /// <exception cref="JoseException">The token is refused, whoever signed it.</exception>
    public static Jws Parse(string token, string? type)
    {
        var bytes = CompactToken.ToBytes(token, MaxLength);
        var parts = CompactToken.Split(bytes, 3);
        CompactToken.RequireType(CompactToken.ReadHeader(bytes.AsSpan(parts[0]), ReadType), type);

        var signature = CompactToken.Decode(bytes.AsSpan(parts[2]), "signature");
        return signature.Length == Es256.SignatureSize
            ? new Jws(CompactToken.Decode(bytes.AsSpan(parts[1]), "payload"), bytes[..parts[1].End.Value], signature)
            : throw CompactToken.Malformed("its signature does not have 64 bytes");
    }

    public bool Verify(JsonWebKey key) => Es256.Verify(key, _signingInput, _signature);

    private static string SigningInput(string type, ReadOnlySpan<byte> payload, JsonWebKey key)
    {
        var header = StrictJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("alg", "ES256");
            writer.WriteString("typ", type);
            writer.WriteString("kid", key.Thumbprint);
            writer.WriteEndObject();
        });
        return $"{Base64UrlStrict.Encode(header.WrittenSpan)}.{Base64UrlStrict.Encode(payload)}";
    }

    private static string? ReadType(JsonElement json)
    {
        string? algorithm = null, type = null;
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "alg":
                    algorithm = member.Value.GetString();
                    break;
                case "typ":
                    type = member.Value.GetString();
                    break;
                case "kid":
                    // A hint for choosing among keys (RFC 7515 §4.1.4); the verifier tries the ones that it trusts.
                    _ = member.Value.GetString();
                    break;
                default:
                    throw new JoseException(JoseError.HeaderRefused, $"its header names '{CompactToken.Shown(member.Name)}', and only alg, typ and kid may be there");
            }
        }

        return algorithm == "ES256"
            ? type
            : throw new JoseException(JoseError.AlgorithmRefused, $"its algorithm is '{CompactToken.Shown(algorithm)}', and only ES256 is accepted");
    }
}
