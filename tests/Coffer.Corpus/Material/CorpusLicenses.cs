using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Coffer.Bundles;

namespace Coffer.Corpus;

/// <summary>Licenses, grants and wrapped keys whose every byte is fixed.</summary>
internal static class CorpusLicenses
{
    public const string Issuer = "acme-licenses";

    /// <summary>The claims of a license that opens the corpus's valid bundle on its device.</summary>
    public static JsonObject Claims() => new()
    {
        ["iss"] = Issuer,
        ["sub"] = "customer-7",
        ["jti"] = "token-1",
        ["lid"] = "grant-1",
        ["seq"] = 0,
        ["iat"] = CorpusPublisher.Now.ToUnixTimeSeconds(),
        ["exp"] = CorpusPublisher.Now.AddDays(30).ToUnixTimeSeconds(),
        ["cnf"] = new JsonObject { ["jkt"] = CorpusDevice.Device.SigningKey.Thumbprint },
        ["models"] = new JsonArray(new JsonObject { ["id"] = "acme/digits", ["version"] = "[1.0.0,2.0.0)" }),
        ["keys"] = new JsonArray(Key(CorpusContentKeys.Settings), Key(CorpusContentKeys.Weights)),
        ["tasks"] = new JsonArray("image-classification"),
        ["targets"] = new JsonArray("local"),
        ["providers"] = new JsonArray("*"),
    };

    public static JsonObject Key(string id, string? jwe = null) => new()
    {
        ["kid"] = id,
        ["group"] = id.Split('.')[^2],
        ["jwe"] = jwe ?? Wrap(id, CorpusDevice.Device.AgreementKey),
    };

    public static string Sign(string payload, string type = License.Type, IDeviceKey? key = null) => Jws.Sign(type, Encoding.UTF8.GetBytes(payload), key ?? CorpusDevice.Issuer);

    public static string SignHeader(string header, string payload, IDeviceKey? key = null)
    {
        var input = $"{Encode(header)}.{Encode(payload)}";
        var signature = new byte[Es256.SignatureSize];
        (key ?? CorpusDevice.Issuer).Sign(Encoding.ASCII.GetBytes(input), signature);
        return $"{input}.{Base64UrlStrict.Encode(signature)}";
    }

    public static string Encode(string text) => Base64UrlStrict.Encode(Encoding.UTF8.GetBytes(text));

    /// <summary>A content key for a recipient (RFC 7518 §4.6), with the ephemeral key and the nonce of the key's id.</summary>
    public static string Wrap(string id, JsonWebKey recipient, string? plaintext = null, string contentType = "jwk+json")
    {
        using var key = CorpusContentKeys.Open(id);
        plaintext ??= $$"""{"kty":"oct","kid":"{{id}}","k":"{{Base64UrlStrict.Encode(key.Bytes)}}"}""";
        using var ephemeral = DeterministicEcdsa.Named($"ephemeral {id}");
        var epk = JsonWebKey.FromParameters(ephemeral.ExportParameters(includePrivateParameters: false), KeyUse.Any);
        return WrapWithHeader($$"""{"alg":"ECDH-ES","enc":"A256GCM","cty":"{{contentType}}","epk":{{epk.ToJson()}}}""", id, recipient, plaintext);
    }

    public static string WrapWithHeader(string header, string id, JsonWebKey recipient, string plaintext)
    {
        using var ephemeral = DeterministicEcdsa.Named($"ephemeral {id}");
        using var ours = ECDiffieHellman.Create(ephemeral.ExportParameters(includePrivateParameters: true));
        using var theirs = recipient.CreateECDiffieHellman();
        var key = new byte[32];
        ConcatKdf.Derive(ours.DeriveRawSecretAgreement(theirs.PublicKey), "A256GCM", [], [], key);
        using var aes = new AesGcm(key, ChunkedAead.TagSize);
        var (nonce, text, tag) = (CorpusContentKeys.Bytes($"nonce {id}", 12), Encoding.UTF8.GetBytes(plaintext), new byte[ChunkedAead.TagSize]);
        var ciphertext = new byte[text.Length];
        aes.Encrypt(nonce, text, ciphertext, tag, Encoding.ASCII.GetBytes(Encode(header)));
        return $"{Encode(header)}..{Base64UrlStrict.Encode(nonce)}.{Base64UrlStrict.Encode(ciphertext)}.{Base64UrlStrict.Encode(tag)}";
    }
}
