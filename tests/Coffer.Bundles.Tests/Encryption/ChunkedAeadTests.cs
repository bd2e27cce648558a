using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Tests.Encryption;

public sealed class ChunkedAeadTests
{
    private static readonly byte[] Key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    public static TheoryData<int> VectorIds => [.. Enumerable.Range(1, 35)];

    [Theory]
    [MemberData(nameof(VectorIds))]
    public void TryDecrypt_WycheproofVector_GivesItsResult(int id)
    {
        var vector = Vector.Load(id);

        var plaintext = TryDecryptMessage(vector.Key, vector.Message, vector.Context);

        Assert.Equal(vector.IsValid, plaintext is not null);
        if (plaintext is not null)
        {
            Assert.Equal(vector.Length, plaintext.Length);
            Assert.Equal(vector.Sha512, Convert.ToHexStringLower(SHA512.HashData(plaintext)));
        }
    }

    [Theory]
    [MemberData(nameof(VectorIds))]
    public void Encrypt_WycheproofMessageAndSalt_GivesItsCiphertext(int id)
    {
        var vector = Vector.Load(id);
        if (!vector.IsValid)
        {
            Assert.True(TryDecryptMessage(vector.Key, vector.Message, vector.Context) is null);
            return;
        }

        var plaintext = TryDecryptMessage(vector.Key, vector.Message, vector.Context)!;

        Assert.Equal(vector.Message, EncryptMessage(vector.Key, vector.Message.AsSpan(0, ChunkedAead.SaltSize), vector.Context, plaintext));
    }

    // Random access: every chunk alone, last to first. An invalid message must fail somewhere or lack its short last chunk.
    [Theory]
    [MemberData(nameof(VectorIds))]
    public void TryDecrypt_WycheproofVectorChunkByChunkBackwards_GivesItsResult(int id)
    {
        var vector = Vector.Load(id);
        if (vector.Key.Length != ChunkedAead.KeySize || !ChunkedAead.TryPlaintextLength(vector.Message.Length, out var length))
        {
            Assert.False(vector.IsValid);
            return;
        }

        using var message = ChunkedAead.TryOpen(vector.Key, vector.Message.AsSpan(0, ChunkedAead.HeaderSize), vector.Context);
        var plaintext = new byte[length];
        var good = message is not null;
        for (var chunk = ChunkedAead.ChunkCount(length) - 1; good && chunk >= 0; chunk--)
        {
            using var cipher = message!.CreateCipher();
            var last = chunk == ChunkedAead.ChunkCount(length) - 1;
            var start = (int)(ChunkedAead.HeaderSize + (chunk * ChunkedAead.EncryptedChunkSize));
            var encrypted = last ? vector.Message.AsSpan(start) : vector.Message.AsSpan(start, ChunkedAead.EncryptedChunkSize);
            good = cipher.TryDecrypt(chunk, encrypted, last, plaintext.AsSpan((int)chunk * ChunkedAead.ChunkSize), out _);
        }

        Assert.Equal(vector.IsValid, good);
        Assert.Equal(vector.IsValid, good && vector.Sha512 == Convert.ToHexStringLower(SHA512.HashData(plaintext)));
    }

    [Fact]
    public void VectorFile_AllGroups_HoldTheIdsThatTheTestsRun() => Assert.Equal(Enumerable.Range(1, 35), Vector.AllIds());

    [Theory]
    [InlineData(0, 56 + 16)]
    [InlineData(1, 56 + 17)]
    [InlineData(16383, 56 + 16399)]
    [InlineData(16384, 56 + 16400 + 16)]
    [InlineData(16385, 56 + 16400 + 17)]
    [InlineData(1L << 40, 56 + (1L << 40) + (16 * ((1L << 26) + 1)))]
    public void EncryptedLength_AnyLength_IsInvertedByTryPlaintextLength(long length, long expected)
    {
        Assert.Equal(expected, ChunkedAead.EncryptedLength(length));
        Assert.True(ChunkedAead.TryPlaintextLength(expected, out var plain));
        Assert.Equal(length, plain);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(71)]
    [InlineData(56 + 16400)]
    [InlineData(56 + 16400 + 15)]
    public void TryPlaintextLength_LengthThatNoMessageHas_SaysNo(long length) => Assert.False(ChunkedAead.TryPlaintextLength(length, out _));

    [Fact]
    public void TryDecrypt_AlteredChunk_ClearsWhatItWrote()
    {
        var message = EncryptMessage(Key, new byte[24], [], RandomNumberGenerator.GetBytes(40000));
        message[^1] ^= 1;
        using var keys = ChunkedAead.TryOpen(Key, message.AsSpan(0, ChunkedAead.HeaderSize), [])!;
        using var cipher = keys.CreateCipher();
        var plaintext = new byte[40000];

        Assert.False(cipher.TryDecrypt(0, message.AsSpan(ChunkedAead.HeaderSize), last: true, plaintext, out var written));

        Assert.Equal(0, written);
        Assert.Equal(new byte[40000], plaintext);
    }

    [Fact]
    public void Encrypt_ShortChunkBeforeTheEnd_Throws()
    {
        using var keys = ChunkedAead.Create(Key, new byte[24], []);
        using var cipher = keys.CreateCipher();

        Assert.Throws<ArgumentException>(() => cipher.Encrypt(0, new byte[100], last: false, new byte[200]));
    }

    [Fact]
    public void ToString_OfSecrets_PrintsNothingOfThem()
    {
        using var keys = ChunkedAead.Create(Key, new byte[24], []);
        using var cipher = keys.CreateCipher();
        using var contentKey = ContentKey.Generate("a.weights.1");

        Assert.All([keys.ToString(), cipher.ToString(), contentKey.ToString()], text => Assert.EndsWith("(redacted)", text));
    }

    private static byte[] EncryptMessage(byte[] key, ReadOnlySpan<byte> salt, byte[] context, byte[] plaintext)
    {
        using var keys = ChunkedAead.Create(key, salt, context);
        using var cipher = keys.CreateCipher();
        var message = new byte[ChunkedAead.EncryptedLength(plaintext.Length)];
        keys.WriteHeader(message);
        cipher.Encrypt(0, plaintext, last: true, message.AsSpan(ChunkedAead.HeaderSize));
        return message;
    }

    private static byte[]? TryDecryptMessage(byte[] key, byte[] message, byte[] context)
    {
        if (key.Length != ChunkedAead.KeySize)
        {
            Assert.Throws<ArgumentException>(() => ChunkedAead.TryOpen(key, new byte[ChunkedAead.HeaderSize], context));
            return null;
        }

        if (!ChunkedAead.TryPlaintextLength(message.Length, out var length))
        {
            return null;
        }

        using var keys = ChunkedAead.TryOpen(key, message.AsSpan(0, ChunkedAead.HeaderSize), context);
        using var cipher = keys?.CreateCipher();
        var plaintext = new byte[length];
        return cipher?.TryDecrypt(0, message.AsSpan(ChunkedAead.HeaderSize), last: true, plaintext, out _) == true ? plaintext : null;
    }

    private sealed record Vector(byte[] Key, byte[] Context, byte[] Message, bool IsValid, int Length, string Sha512)
    {
        public static Vector Load(int id)
        {
            using var document = Read();
            var test = Tests(document).Single(t => t.GetProperty("tcId").GetInt32() == id);
            var valid = test.GetProperty("result").GetString() == "valid";
            return new Vector(
                Hex(test, "key"),
                Hex(test, "ctx"),
                Inflate(Hex(test, "ct")),
                valid,
                valid ? test.GetProperty("msgLength").GetInt32() : 0,
                valid ? test.GetProperty("msgSha512").GetString()! : "");
        }

        public static List<int> AllIds()
        {
            using var document = Read();
            return [.. Tests(document).Select(t => t.GetProperty("tcId").GetInt32())];
        }

        private static JsonDocument Read() =>
            JsonDocument.Parse(File.ReadAllBytes(Repository.Shared("vectors", "wycheproof", "c2sp_chunked_encryption_aes_256_gcm_test.json")));

        private static IEnumerable<JsonElement> Tests(JsonDocument document) =>
            document.RootElement.GetProperty("testGroups").EnumerateArray().SelectMany(group => group.GetProperty("tests").EnumerateArray());

        private static byte[] Hex(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);

        private static byte[] Inflate(byte[] compressed)
        {
            using var zlib = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
            using var output = new MemoryStream();
            zlib.CopyTo(output);
            return output.ToArray();
        }
    }
}
