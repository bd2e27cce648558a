using System.Security.Cryptography;
using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class JweTests
{
    [Fact]
    public void Decrypt_Wycheproof_OpensExactlyOurs()
    {
        // In scope: ECDH-ES direct with A256GCM on P-256, RSA-OAEP-256 with A256GCM. Out, and therefore refused: key wrap
        // (A*KW, A*GCMKW, ECDH-ES+A*KW), RSA1_5, RSA-OAEP with SHA-1, dir, AES-CBC-HMAC, A128GCM and A192GCM, valid or not.
        using var folder = new TemporaryFolder();
        var (opened, refused) = (new List<int>(), 0);
        foreach (var (group, test, isValid) in Wycheproof.Read("json_web_encryption_test.json"))
        {
            var jwk = group.GetProperty("private");
            using IDeviceKey? key = (jwk.Text("kty"), jwk.Text("crv")) switch
            {
                ("EC", "P-256") => VectorKey.Load(folder, jwk),
                ("RSA", _) when jwk.TryGetProperty("qi", out _) => new RsaDeviceKey(VectorKey.Rsa(jwk)),
                _ => null,
            };
            if (key is null)
            {
                continue;
            }

            var plaintext = new byte[1024];
            try
            {
                var length = Jwe.Decrypt(test.Text("jwe"), key, null, plaintext);
                Assert.True(isValid, $"tcId {test.Id()}");
                Assert.Equal(test.Text("pt"), Convert.ToHexStringLower(plaintext[..length]));
                opened.Add(test.Id());
            }
            catch (Exception e) when (e is JoseException or KeyException)
            {
                Assert.All(plaintext, b => Assert.Equal(0, b));
                refused++;
            }
        }

        Assert.Equal([78, 90], opened);
        Assert.True(refused > 40, $"{refused} refused");
    }

    [Fact]
    public void Unwrap_WycheproofRsaOaep_OpensOnlyWhatIsA32ByteKey()
    {
        // What a device key calls is RSA.Decrypt with OaepSHA256, which knows no label (RFC 7518 §4.3 has none), and it takes 32-byte keys alone.
        // So one vector opens at the seam; every other one is refused there, and underneath the valid ones without a label decrypt.
        var (counted, labels) = ((Valid: 0, Invalid: 0), new List<int>());
        foreach (var (group, test, isValid) in Wycheproof.Read("rsa_oaep_3072_sha256_mgf1sha256_test.json"))
        {
            using var rsa = VectorKey.Rsa(group.GetProperty("privateKeyJwk"));
            using var key = new RsaDeviceKey(VectorKey.Rsa(group.GetProperty("privateKeyJwk")));
            var (message, ciphertext, material) = (test.Hex("msg"), test.Hex("ct"), new byte[32]);
            var hasLabel = test.Text("label").Length > 0;
            counted = isValid ? counted with { Valid = counted.Valid + 1 } : counted with { Invalid = counted.Invalid + 1 };
            if (hasLabel)
            {
                labels.Add(test.Id());
            }

            if (isValid && !hasLabel)
            {
                Assert.Equal(message, rsa.Decrypt(ciphertext, RSAEncryptionPadding.OaepSHA256));
            }
            else
            {
                Assert.ThrowsAny<CryptographicException>(() => rsa.Decrypt(ciphertext, RSAEncryptionPadding.OaepSHA256));
            }

            if (isValid && !hasLabel && message.Length == material.Length)
            {
                Assert.Equal(7, test.Id());
                key.Unwrap(KeyEnvelope.RsaOaep256(ciphertext), material);
                Assert.Equal(message, material);
            }
            else
            {
                Assert.Equal(KeyError.UnwrapFailed, Assert.Throws<KeyException>(() => key.Unwrap(KeyEnvelope.RsaOaep256(ciphertext), material)).Error);
            }
        }

        Assert.Equal((18, 19), counted);
        Assert.Equal([8, 9, 10, 33, 34, 35, 36, 37], labels);
    }

    [Fact]
    public void Decrypt_ChangedAnywhere_Throws()
    {
        using var folder = new TemporaryFolder();
        using var key = KeyFile.Create(folder.File("a.key"));
        var token = Jwe.Encrypt("secret"u8, key.AgreementKey, "x");
        var plaintext = new byte[16];
        Assert.Equal(6, Jwe.Decrypt(token, key, "x", plaintext));

        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            var e = Record.Exception(() => Jwe.Decrypt(changed, key, "x", plaintext));
            Assert.True(e is JoseException or KeyException { Error: KeyError.UnwrapFailed }, $"position {i}: {e}");
            Assert.All(plaintext, b => Assert.Equal(0, b));
        }
    }

    [Theory]
    [InlineData("""{"alg":"dir","enc":"A256GCM"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"ECDH-ES+A256KW","enc":"A256GCM"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"RSA-OAEP-256","enc":"A256GCM"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"ECDH-ES","enc":"A128GCM"}""", JoseError.AlgorithmRefused)]
    [InlineData("""{"alg":"ECDH-ES","enc":"A256GCM","zip":"DEF"}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ECDH-ES","enc":"A256GCM","apu":"AA"}""", JoseError.HeaderRefused)]
    [InlineData("""{"alg":"ECDH-ES","enc":"A256GCM","cty":"x"}""", JoseError.WrongType)]
    [InlineData("""{"alg":"ECDH-ES","enc":"A256GCM"}""", JoseError.Malformed)]
    [InlineData("""{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"oct","k":"AA"}}""", JoseError.Malformed)]
    internal void Decrypt_BadHeader_Throws(string header, JoseError error)
    {
        using var folder = new TemporaryFolder();
        using var key = KeyFile.Create(folder.File("a.key"));
        var token = $"{Tokens.Encode(header)}..{Base64UrlStrict.Encode(new byte[12])}.AA.{Base64UrlStrict.Encode(new byte[16])}";
        Assert.Equal(error, Assert.Throws<JoseException>(() => Jwe.Decrypt(token, key, null, new byte[16])).Error);
    }

    [Fact]
    public void Encrypt_ToSigningKey_ThrowsUnsupportedKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(KeyError.UnsupportedKey, Assert.Throws<KeyException>(() => Jwe.Encrypt("x"u8, JsonWebKey.FromECDsa(key), null)).Error);
    }

    [Fact]
    public void Unwrap_UnderAnotherKeyId_ThrowsUnwrapFailed()
    {
        using var folder = new TemporaryFolder();
        using var key = KeyFile.Create(folder.File("a.key"));
        using var content = ContentKey.Generate("model.weights.1");
        var wrapped = WrappedContentKey.Wrap(content, key.AgreementKey);

        Assert.Equal(KeyError.UnwrapFailed, Assert.Throws<KeyException>(() => WrappedContentKey.Unwrap(wrapped, "model.weights.2", key)).Error);
        Assert.DoesNotContain(Base64UrlStrict.Encode(content.Bytes), Encoding.UTF8.GetString(Base64UrlStrict.Decode(wrapped.Split('.')[0])), StringComparison.Ordinal);
    }
}
