using System.Security.Cryptography;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>Keys of test vectors, in the forms that the code under test takes.</summary>
internal static class VectorKey
{
    /// <summary>A key file whose two keys are the vector's one private P-256 key.</summary>
    public static KeyFile Load(TemporaryFolder folder, JsonElement privateJwk)
    {
        string Key(string use) =>
            $$"""{"kty":"EC","crv":"P-256","x":"{{privateJwk.Text("x")}}","y":"{{privateJwk.Text("y")}}","use":"{{use}}","d":"{{privateJwk.Text("d")}}"}""";
        var path = folder.File($"{Guid.NewGuid():N}.key");
        KeyStorage.CreatePrivate(path, System.Text.Encoding.UTF8.GetBytes($$"""{"keys":[{{Key("sig")}},{{Key("enc")}}]}"""));
        return KeyFile.Load(path);
    }

    public static RSA Rsa(JsonElement privateJwk)
    {
        byte[] Bytes(string name) => Base64UrlStrict.Decode(privateJwk.Text(name));
        return RSA.Create(new RSAParameters
        {
            Modulus = Bytes("n"),
            Exponent = Bytes("e"),
            D = Bytes("d"),
            P = Bytes("p"),
            Q = Bytes("q"),
            DP = Bytes("dp"),
            DQ = Bytes("dq"),
            InverseQ = Bytes("qi"),
        });
    }
}
