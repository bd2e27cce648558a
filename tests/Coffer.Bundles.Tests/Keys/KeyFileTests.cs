using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

public sealed class KeyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_CreatedFile_HasTheSameKeys()
    {
        var path = _folder.File("issuer.key");
        using var created = KeyFile.Create(path);
        using var loaded = KeyFile.Load(path);

        Assert.Equal(created.SigningKey, loaded.SigningKey);
        Assert.Equal(created.AgreementKey, loaded.AgreementKey);
        Assert.Equal(JsonWebKey.FromECDsa(loaded.Signer), loaded.SigningKey);
        Span<byte> first = stackalloc byte[32], second = stackalloc byte[32];
        created.DeriveLocalSecret("x", first);
        loaded.DeriveLocalSecret("x", second);
        Assert.Equal(first, second);
        Assert.Equal(["issuer.key"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Create_OnUnix_WritesMode0600()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix modes.");
            return;
        }

        using var key = FileDeviceKey.Create(_folder.File("device.key"));
        var files = Directory.GetFiles(_folder.Path);
        Assert.Equal(2, files.Length);
        foreach (var file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Create_OverAnotherFile_ThrowsAndKeepsIt()
    {
        var path = _folder.File("device.key");
        File.WriteAllText(path, "precious");

        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(() => KeyFile.Create(path)).Error);
        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(() => FileDeviceKey.Create(path)).Error);
        Assert.Equal("precious", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Create_DeviceBesideForeignLedger_ThrowsAndWritesNoKey()
    {
        File.WriteAllText(_folder.File("device.ledger"), "other");
        Assert.Equal(KeyError.AlreadyExists, Assert.Throws<KeyException>(() => FileDeviceKey.Create(_folder.File("device.key"))).Error);
        Assert.False(File.Exists(_folder.File("device.key")));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void Load_ReadableByOthers_Throws(UnixFileMode extra)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix modes.");
            return;
        }

        var path = _folder.File("a.key");
        KeyFile.Create(path).Dispose();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | extra);
        Assert.Equal(KeyError.ReadableByOthers, Assert.Throws<KeyException>(() => KeyFile.Load(path)).Error);
    }

    [Fact]
    public void Load_Missing_ThrowsNotFound() =>
        Assert.Equal(KeyError.NotFound, Assert.Throws<KeyException>(() => KeyFile.Load(_folder.File("none.key"))).Error);

    [Theory]
    [InlineData("\"d\":\"", "\"d\":\"A")]
    [InlineData("\"use\":\"sig\"", "\"use\":\"enc\"")]
    [InlineData("P-256", "P-384")]
    [InlineData("{\"keys\"", "{\"keys\":[],\"keys\"")]
    [InlineData("]}", "]")]
    public void Load_ChangedFile_ThrowsMalformedAndQuotesNothing(string what, string replacement)
    {
        var path = _folder.File("a.key");
        KeyFile.Create(path).Dispose();
        var text = File.ReadAllText(path);
        File.WriteAllText(path, text.Replace(what, replacement, StringComparison.Ordinal));

        var e = Assert.Throws<KeyException>(() => KeyFile.Load(path));
        Assert.Equal(KeyError.Malformed, e.Error);
        Assert.Null(e.InnerException);
        var secret = text[(text.IndexOf("\"d\":\"", StringComparison.Ordinal) + 5)..][..20];
        Assert.DoesNotContain(secret, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PrivateScalarOfAnotherKey_ThrowsMalformed()
    {
        // The public half in the file must be that of the private half: a mismatch would sign what nobody can verify.
        KeyFile.Create(_folder.File("a.key")).Dispose();
        KeyFile.Create(_folder.File("b.key")).Dispose();
        string D(string text) => text.Split("\"d\":\"")[1][..43];
        var (a, b) = (File.ReadAllText(_folder.File("a.key")), File.ReadAllText(_folder.File("b.key")));
        File.WriteAllText(_folder.File("a.key"), a.Replace(D(a), D(b), StringComparison.Ordinal));

        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => KeyFile.Load(_folder.File("a.key"))).Error);
    }

    [Fact]
    public void Load_DeviceFromIssuerKey_ThrowsMalformed()
    {
        KeyFile.Create(_folder.File("issuer.key")).Dispose();
        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => FileDeviceKey.Load(_folder.File("issuer.key"))).Error);
    }

    [Fact]
    public void ToString_OfKeys_ShowsNothingPrivate()
    {
        var path = _folder.File("device.key");
        using var key = FileDeviceKey.Create(path);
        var d = File.ReadAllText(path).Split("\"d\":\"")[1][..43];
        Assert.DoesNotContain(d, key.ToString() + key.Recipient + key.Ledger, StringComparison.Ordinal);
        Assert.Contains("redacted", key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Use_AfterDisposal_Throws()
    {
        var key = KeyFile.Create(_folder.File("a.key"));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.Sign([1], new byte[64]));
        Assert.Throws<ObjectDisposedException>(() => key.DeriveLocalSecret("x", new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => key.Signer);
    }

    [Fact]
    public void Recipient_SavedAndLoaded_IsTheSame()
    {
        using var key = FileDeviceKey.Create(_folder.File("device.key"));
        var path = _folder.File("device.jwk");
        Recipient.Of(key).Save(path);

        Assert.Equal(key.Recipient, Recipient.Load(path));
        Assert.Equal(key.Ledger.Id, Recipient.Load(path).LedgerId);
        Assert.DoesNotContain("\"d\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Recipient_FromPrivateFile_IsRefused()
    {
        KeyFile.Create(_folder.File("a.key")).Dispose();
        Assert.Equal(KeyError.UnsupportedKey, Assert.Throws<KeyException>(() => Recipient.Load(_folder.File("a.key"))).Error);
    }

    [Theory]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{}""")]
    [InlineData("""{"keys":1}""")]
    [InlineData("not json")]
    public void Recipient_Malformed_Throws(string text) =>
        Assert.Equal(KeyError.Malformed, Assert.Throws<KeyException>(() => Recipient.Parse(Encoding.UTF8.GetBytes(text))).Error);
}
