using System.Security.Cryptography;
using System.Text.Json;
using Coffer.Bundles;
using Coffer.Tests.Keys;
using Vectors = Coffer.Tests.Keys.Wycheproof;

namespace Coffer.Tests.Encryption;

/// <summary>
/// Project Wycheproof's AES vectors. Coffer calls <see cref="AesGcm"/> with keys of 256 bits, nonces of 96 and tags of 128: a part's chunks
/// without associated data (<see cref="ChunkCipher"/>), a wrapped content key with its header as associated data (<see cref="Jwe"/>).
/// </summary>
public sealed class AesVectorTests
{
    [Fact]
    public void AesGcm_EveryVectorOfOurSizes_GivesItsResult()
    {
        var counted = (Valid: 0, Invalid: 0, ThroughChunkCipher: 0);
        foreach (var (group, test, isValid) in Vectors.Read("aes_gcm_test.json"))
        {
            if (OutOfScope(group) is not null)
            {
                continue;
            }

            var (key, nonce, aad, message, ciphertext, tag) = (test.Hex("key"), test.Hex("iv"), test.Hex("aad"), test.Hex("msg"), test.Hex("ct"), test.Hex("tag"));
            using var aes = new AesGcm(key, ChunkedAead.TagSize);
            var plaintext = new byte[ciphertext.Length];
            var opened = Record.Exception(() => aes.Decrypt(nonce, ciphertext, tag, plaintext, aad));
            Assert.True(isValid ? opened is null : opened is AuthenticationTagMismatchException, $"tcId {test.Id()}: {opened}");
            counted = isValid ? counted with { Valid = counted.Valid + 1 } : counted with { Invalid = counted.Invalid + 1 };
            if (isValid)
            {
                Assert.Equal(message, plaintext);
                var (encrypted, made) = (new byte[message.Length], new byte[ChunkedAead.TagSize]);
                aes.Encrypt(nonce, message, encrypted, made, aad);
                Assert.True(ciphertext.AsSpan().SequenceEqual(encrypted) && tag.AsSpan().SequenceEqual(made), $"tcId {test.Id()}");
            }

            if (aad.Length == 0)
            {
                counted.ThroughChunkCipher++;
                AssertChunk(test, isValid, key, nonce, message, [.. ciphertext, .. tag]);
            }
        }

        Assert.Equal((39, 27, 48), counted);
    }

    // Left out are keys that Coffer never has, and nonces that AesGcm itself refuses: there is no such call to make.
    [Fact]
    public void AesGcm_VectorsOfOtherSizes_AreLeftOutForTheirReason()
    {
        var skipped = new Dictionary<string, int>();
        foreach (var (group, test, _) in Vectors.Read("aes_gcm_test.json"))
        {
            if (OutOfScope(group) is not { } reason)
            {
                continue;
            }

            skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
            if (group.GetProperty("ivSize").GetInt32() != 96)
            {
                using var aes = new AesGcm(test.Hex("key"), ChunkedAead.TagSize);
                Assert.Throws<ArgumentException>(() => aes.Decrypt(test.Hex("iv"), test.Hex("ct"), test.Hex("tag"), new byte[test.Hex("ct").Length]));
            }
        }

        Assert.Equal(new() { ["a key of 128 bits"] = 108, ["a key of 192 bits"] = 103, ["a nonce of other than 96 bits"] = 39 }, skipped);
    }

    // RFC 3394 is out of scope, all 165 vectors: content keys are agreed on (ECDH-ES) or encrypted (RSA-OAEP-256), never wrapped with AES. What
    // remains to be shown is that a token can't ask for it.
    [Theory]
    [InlineData("A128KW")]
    [InlineData("A192KW")]
    [InlineData("A256KW")]
    [InlineData("ECDH-ES+A256KW")]
    public void AesKeyWrap_AskedForByAToken_IsRefused(string algorithm)
    {
        Assert.Equal(165, Vectors.Read("aes_wrap_test.json").Count());
        using var folder = new TemporaryFolder();
        using var key = KeyFile.Create(folder.File("a.key"));
        var token = $"{Tokens.Encode($$"""{"alg":"{{algorithm}}","enc":"A256GCM"}""")}.{Base64UrlStrict.Encode(new byte[40])}.{Base64UrlStrict.Encode(new byte[12])}.AA.{Base64UrlStrict.Encode(new byte[16])}";

        Assert.Equal(JoseError.AlgorithmRefused, Assert.Throws<JoseException>(() => Jwe.Decrypt(token, key, null, new byte[16])).Error);
    }

    private static string? OutOfScope(JsonElement group) => (group.GetProperty("keySize").GetInt32(), group.GetProperty("ivSize").GetInt32()) switch
    {
        (256, 96) => null,
        (256, _) => "a nonce of other than 96 bits",
        var (keySize, _) => $"a key of {keySize} bits",
    };

    // The first chunk's nonce is the base nonce itself.
    private static void AssertChunk(JsonElement test, bool isValid, byte[] key, byte[] nonce, byte[] message, byte[] chunk)
    {
        using var cipher = new ChunkCipher(key, nonce);
        var plaintext = new byte[chunk.Length - ChunkedAead.TagSize];
        Assert.True(isValid == cipher.TryDecrypt(0, chunk, last: true, plaintext, out _), $"tcId {test.Id()}");
        Assert.Equal(isValid ? message : new byte[plaintext.Length], plaintext);
        if (isValid)
        {
            var encrypted = new byte[chunk.Length];
            cipher.Encrypt(0, message, last: true, encrypted);
            Assert.Equal(chunk, encrypted);
        }
    }
}
