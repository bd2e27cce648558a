using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffer.Bundles;

/// <summary>
/// A JWE in compact form (RFC 7516 §7.1): ECDH-ES direct on P-256 (RFC 7518 §4.6) or RSA-OAEP-256 (§4.3), content in
/// A256GCM. Which of the two follows from the recipient's key, never from the token alone.
/// </summary>
internal static class Jwe
{
    public const int MaxLength = 8 << 10;

    private const string ContentAlgorithm = "A256GCM";
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    public static string Encrypt(ReadOnlySpan<byte> plaintext, JsonWebKey recipient, string? contentType)
    {
        if (recipient.Use == KeyUse.Signature)
        {
            throw new KeyException(KeyError.UnsupportedKey, "The recipient's key is for signatures, and something is to be encrypted to it. Give its agreement key.");
        }

        Span<byte> key = stackalloc byte[KeySize];
        try
        {
            return recipient.IsEllipticCurve
                ? Seal(plaintext, key, AgreeOnKey(recipient, contentType, key), "")
                : Seal(plaintext, key, Header("RSA-OAEP-256", contentType, null), EncryptNewKey(recipient, key));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Decrypts into the caller's memory, which is cleared on failure.</summary>
    /// <returns>The length of the plaintext.</returns>
    /// <exception cref="JoseException">The token is refused before its key is touched.</exception>
    /// <exception cref="KeyException"><see cref="KeyError.UnwrapFailed"/>: made for another key, or altered.</exception>
    public static int Decrypt(string token, IDeviceKey recipient, string? contentType, Span<byte> plaintext)
    {
        plaintext.Clear();
        var bytes = CompactToken.ToBytes(token, MaxLength);
        var parts = CompactToken.Split(bytes, 5);
        var header = CompactToken.ReadHeader(bytes.AsSpan(parts[0]), ReadHeader);
        CompactToken.RequireType(header.ContentType, contentType);
        var envelope = ToEnvelope(header, CompactToken.Decode(bytes.AsSpan(parts[1]), "encrypted key"), recipient.AgreementKey);
        var nonce = CompactToken.Decode(bytes.AsSpan(parts[2]), "initialization vector");
        var ciphertext = CompactToken.Decode(bytes.AsSpan(parts[3]), "ciphertext");
        var tag = CompactToken.Decode(bytes.AsSpan(parts[4]), "authentication tag");
        if (nonce.Length != NonceSize || tag.Length != TagSize || ciphertext.Length > plaintext.Length)
        {
            throw CompactToken.Malformed("its initialization vector, ciphertext or tag has a wrong length");
        }

        Span<byte> key = stackalloc byte[KeySize];
        try
        {
            UnwrapKey(recipient, envelope, key);
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(nonce, ciphertext, tag, plaintext[..ciphertext.Length], bytes.AsSpan(parts[0]));
            return ciphertext.Length;
        }
        catch (CryptographicException e)
        {
            plaintext.Clear();
            throw new KeyException(KeyError.UnwrapFailed, "What was encrypted can't be opened with this key: it was made for another key, or it was altered.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static string AgreeOnKey(JsonWebKey recipient, string? contentType, Span<byte> key)
    {
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using var theirs = recipient.CreateECDiffieHellman();
        var shared = ephemeral.DeriveRawSecretAgreement(theirs.PublicKey);
        ConcatKdf.Derive(shared, ContentAlgorithm, [], [], key);
        CryptographicOperations.ZeroMemory(shared);
        return Header("ECDH-ES", contentType, JsonWebKey.FromECDiffieHellman(ephemeral).WithoutUse());
    }

    private static string EncryptNewKey(JsonWebKey recipient, Span<byte> key)
    {
        RandomNumberGenerator.Fill(key);
        using var rsa = recipient.CreateRsa();
        return Base64UrlStrict.Encode(rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256));
    }

    private static string Header(string algorithm, string? contentType, JsonWebKey? ephemeral) =>
        Base64UrlStrict.Encode(StrictJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("alg", algorithm);
            writer.WriteString("enc", ContentAlgorithm);
            if (contentType is not null)
            {
                writer.WriteString("cty", contentType);
            }

            if (ephemeral is not null)
            {
                writer.WritePropertyName("epk");
                ephemeral.WriteTo(writer);
            }

            writer.WriteEndObject();
        }).WrittenSpan);

    private static string Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> key, string header, string encryptedKey)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        Span<byte> tag = stackalloc byte[TagSize];
        RandomNumberGenerator.Fill(nonce);
        var ciphertext = new byte[plaintext.Length];
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(nonce, plaintext, ciphertext, tag, Encoding.ASCII.GetBytes(header));
        return $"{header}.{encryptedKey}.{Base64Url.EncodeToString(nonce)}.{Base64Url.EncodeToString(ciphertext)}.{Base64Url.EncodeToString(tag)}";
    }

    private static ContentHeader ReadHeader(JsonElement json)
    {
        string? algorithm = null, content = null, contentType = null;
        JsonWebKey? ephemeral = null;
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "alg":
                    algorithm = member.Value.GetString();
                    break;
                case "enc":
                    content = member.Value.GetString();
                    break;
                case "cty":
                    contentType = member.Value.GetString();
                    break;
                case "kid":
                    // RFC 7516 §4.1.6: a hint for choosing among keys; here there is one.
                    _ = member.Value.GetString();
                    break;
                case "epk":
                    ephemeral = ReadEphemeral(member.Value);
                    break;
                default:
                    throw new JoseException(JoseError.HeaderRefused, $"its header names '{CompactToken.Shown(member.Name)}', and only alg, enc, cty, kid and epk may be there");
            }
        }

        return content == ContentAlgorithm
            ? new ContentHeader(algorithm, contentType, ephemeral)
            : throw new JoseException(JoseError.AlgorithmRefused, $"its content is encrypted with '{CompactToken.Shown(content)}', and only {ContentAlgorithm} is accepted");
    }

    private static JsonWebKey ReadEphemeral(JsonElement json)
    {
        try
        {
            return JsonWebKey.Read(json);
        }
        catch (KeyException e)
        {
            throw CompactToken.Malformed($"its ephemeral key is refused: {e.Message}");
        }
    }

    private static KeyEnvelope ToEnvelope(in ContentHeader header, byte[] encryptedKey, JsonWebKey recipient)
    {
        var isAgreement = recipient.IsEllipticCurve;
        if (header.Algorithm != (isAgreement ? "ECDH-ES" : "RSA-OAEP-256"))
        {
            throw new JoseException(JoseError.AlgorithmRefused, $"its key is protected with '{CompactToken.Shown(header.Algorithm)}', which is not for the type of this recipient's key");
        }

        return isAgreement
            ? header.EphemeralKey is { IsEllipticCurve: true } ephemeral && encryptedKey.Length == 0
                ? KeyEnvelope.EcdhEs(ephemeral)
                : throw CompactToken.Malformed("ECDH-ES needs an ephemeral P-256 key and no encrypted key")
            : header.EphemeralKey is null && encryptedKey.Length > 0
                ? KeyEnvelope.RsaOaep256(encryptedKey)
                : throw CompactToken.Malformed("RSA-OAEP-256 needs an encrypted key and no ephemeral key");
    }

    private static void UnwrapKey(IDeviceKey recipient, in KeyEnvelope envelope, Span<byte> key)
    {
        recipient.Unwrap(envelope, key);
        if (envelope.Algorithm == KeyEnvelopeAlgorithm.EcdhEs)
        {
            ConcatKdf.Derive(key, ContentAlgorithm, [], [], key);
        }
    }

    private readonly record struct ContentHeader(string? Algorithm, string? ContentType, JsonWebKey? EphemeralKey);
}
