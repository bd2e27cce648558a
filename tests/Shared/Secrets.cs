using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Tests;

/// <summary>
/// What must be found nowhere: content keys, raw and as text, and pieces of a model's weights. The keys are unwrapped here with nothing but
/// the publisher's key file and RFC 7518 §4.6.
/// </summary>
internal sealed class Secrets
{
    private const int PieceLength = 24;

    private readonly List<(string What, byte[] Bytes)> _patterns = [];

    /// <param name="keys">A folder of keys.</param>
    /// <param name="model">A file of plaintext, most of it weights.</param>
    public Secrets(string keys, string model)
    {
        using var publisher = KeyFile.Load(Path.Combine(keys, "publisher.key"));
        foreach (var file in Directory.GetFiles(Path.Combine(keys, "content"), "*.jwe"))
        {
            AddKey(Path.GetFileNameWithoutExtension(file), Unwrap(File.ReadAllText(file).Trim(), publisher));
        }

        Assert.Equal(6 * 2, _patterns.Count);
        var plaintext = File.ReadAllBytes(model);
        for (var piece = 1; piece < 16; piece++)
        {
            var bytes = plaintext.AsSpan(plaintext.Length / 16 * piece, PieceLength).ToArray();
            if (bytes.Distinct().Count() > PieceLength / 2)
            {
                _patterns.Add(($"weights at {piece}/16", bytes));
            }
        }

        Assert.InRange(_patterns.Count, 12 + 8, int.MaxValue);
    }

    /// <summary>The patterns, for a search in another form.</summary>
    public IReadOnlyList<(string What, byte[] Bytes)> Patterns => _patterns;

    public void AssertAbsent(string where, ReadOnlySpan<byte> bytes)
    {
        foreach (var (what, pattern) in _patterns)
        {
            Assert.True(bytes.IndexOf(pattern) < 0, $"{what} is in {where}.");
        }
    }

    public void AssertAbsent(string where, string text) => AssertAbsent(where, Encoding.UTF8.GetBytes(text));

    /// <summary>Every file below a folder.</summary>
    public void AssertAbsentBelow(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            AssertAbsent(file, File.ReadAllBytes(file));
        }
    }

    private void AddKey(string id, byte[] key)
    {
        _patterns.Add(($"{id}, raw", key));
        foreach (var (form, text) in new[] { ("hex", Convert.ToHexStringLower(key)), ("HEX", Convert.ToHexString(key)), ("base64", Convert.ToBase64String(key)), ("base64url", Base64Url.EncodeToString(key)) })
        {
            _patterns.Add(($"{id}, {form}", Encoding.ASCII.GetBytes(text)));
        }

        _patterns.Add(($"{id}, as numbers", Encoding.ASCII.GetBytes(string.Join(", ", key))));
    }

    private static byte[] Unwrap(string jwe, KeyFile publisher)
    {
        var parts = jwe.Split('.');
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0]));
        var shared = new byte[32];
        publisher.Unwrap(KeyEnvelope.EcdhEs(JsonWebKey.Parse(Encoding.UTF8.GetBytes(header.RootElement.GetProperty("epk").GetRawText()))), shared);
        using var aes = new AesGcm(SHA256.HashData([0, 0, 0, 1, .. shared, 0, 0, 0, 7, .. "A256GCM"u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]), 16);
        var ciphertext = Base64Url.DecodeFromChars(parts[3]);
        var plaintext = new byte[ciphertext.Length];
        aes.Decrypt(Base64Url.DecodeFromChars(parts[2]), ciphertext, Base64Url.DecodeFromChars(parts[4]), plaintext, Encoding.ASCII.GetBytes(parts[0]));
        using var jwk = JsonDocument.Parse(plaintext);
        return Base64Url.DecodeFromChars(jwk.RootElement.GetProperty("k").GetString());
    }
}
