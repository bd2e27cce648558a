using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class KeyFilePassphraseTests : IDisposable
{
    private const string Passphrase = "Ünbekannt 漢字 correct horse";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_RightPassphrase_HasTheSameKeys()
    {
        using var created = FileDeviceKey.Create(_folder.File("device.key"), Passphrase);
        using var loaded = FileDeviceKey.Load(_folder.File("device.key"), Passphrase);

        Assert.Equal(created.Recipient, loaded.Recipient);
        Span<byte> first = stackalloc byte[32], second = stackalloc byte[32];
        created.DeriveLocalSecret("x", first);
        loaded.DeriveLocalSecret("x", second);
        Assert.Equal(first, second);
        Assert.DoesNotContain("\"d\"", File.ReadAllText(_folder.File("device.key")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", KeyError.PassphraseRequired)]
    [InlineData("correct horse", KeyError.PassphraseWrong)]
    [InlineData(Passphrase + " ", KeyError.PassphraseWrong)]
    public void Load_OtherPassphrase_IsRefusedByName(string passphrase, KeyError error)
    {
        KeyFile.Create(_folder.File("a.key"), Passphrase).Dispose();

        var e = Assert.Throws<KeyException>(() => KeyFile.Load(_folder.File("a.key"), passphrase));

        Assert.Equal(error, e.Error);
        Assert.DoesNotContain("correct horse", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PassphraseForAFileWithoutOne_IsRefused()
    {
        // Who can write the folder but does not know the passphrase must not get a key of his own used.
        KeyFile.Create(_folder.File("a.key")).Dispose();

        Assert.Equal(KeyError.PassphraseWrong, Assert.Throws<KeyException>(() => KeyFile.Load(_folder.File("a.key"), Passphrase)).Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99_999)]
    [InlineData(10_000_001)]
    [InlineData(int.MaxValue)]
    public void Load_IterationsOutOfBounds_AreRefusedBeforeTheWork(int iterations)
    {
        KeyFile.Create(_folder.File("a.key"), Passphrase, withLedger: false, iterations: 1).Dispose();
        var text = File.ReadAllText(_folder.File("a.key"));
        File.WriteAllText(_folder.File("a.key"), text.Replace("\"iterations\":1,", $"\"iterations\":{iterations},", StringComparison.Ordinal));

        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => KeyFile.Load(_folder.File("a.key"), Passphrase)).Error);
    }

    [Fact]
    public void Load_HeaderChanged_IsRefusedThoughItIsWellFormed()
    {
        KeyFile.Create(_folder.File("a.key"), Passphrase, withLedger: false, iterations: 1).Dispose();
        var text = File.ReadAllText(_folder.File("a.key")).Replace("\"iterations\":1,", "\"iterations\":2,", StringComparison.Ordinal);

        Assert.Equal(KeyError.PassphraseWrong, Assert.Throws<KeyException>(() => KeyFile.Parse(Encoding.UTF8.GetBytes(text), "a.key", Passphrase, minIterations: 1)).Error);
    }

    [Fact]
    public void File_ByTheDocument_OpensWithPlainPrimitives()
    {
        // LICENSES.md, Keys, followed by hand: a second reader.
        using var key = KeyFile.Create(_folder.File("a.key"), Passphrase);
        var text = File.ReadAllText(_folder.File("a.key"));
        using var json = JsonDocument.Parse(text);
        byte[] Bytes(string name) => System.Buffers.Text.Base64Url.DecodeFromChars(json.RootElement.GetProperty(name).GetString());
        var derived = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(Passphrase), Bytes("salt"), 600_000, HashAlgorithmName.SHA256, 32);
        var authenticated = text[..text.IndexOf(",\"ciphertext\"", StringComparison.Ordinal)] + "}";
        var content = new byte[Bytes("ciphertext").Length];
        using var cipher = new AesGcm(derived, 16);
        cipher.Decrypt(Bytes("nonce"), Bytes("ciphertext"), Bytes("tag"), content, Encoding.UTF8.GetBytes(authenticated));

        using var plain = KeyFile.Parse(content, "a.key", "");
        Assert.Equal(key.SigningKey, plain.SigningKey);
    }

    [Fact]
    public void Folder_UnderAPassphrase_OpensWithItAndItsRootWithOpenSslsForm()
    {
        var folder = KeyFolder.Create(_folder.File("keys"), "acme", passphrase: Passphrase.AsMemory());
        using (var publisher = KeyFolder.Open(folder.Path, Passphrase.AsMemory()).OpenPublisherKey())
        using (var issuer = KeyFolder.Open(folder.Path, Passphrase.AsMemory()).OpenIssuerKey())
        using (var device = FileDeviceKey.Load(folder.DeviceKeyPath, Passphrase))
        {
            _ = KeyFolder.Open(folder.Path).CreateSigner(publisher);
        }

        Assert.Equal(KeyError.PassphraseRequired, Assert.Throws<KeyException>(() => KeyFolder.Open(folder.Path).OpenPublisherKey()).Error);
        using var root = ECDsa.Create();
        root.ImportFromEncryptedPem(File.ReadAllText(_folder.File("keys", "root.key")), Passphrase);
        Assert.Equal(256, root.KeySize);
    }
}
