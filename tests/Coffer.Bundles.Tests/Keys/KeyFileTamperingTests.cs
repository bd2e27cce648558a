using System.Text;
using Coffer.Bundles;

namespace Coffer.Tests.Keys;

/// <summary>Every single-bit flip and every truncation of a private key file, plain and under a passphrase: none is accepted.</summary>
public sealed class KeyFileTamperingTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(false, Passphrase)]
    [InlineData(true, Passphrase)]
    public void Parse_AnyFlippedBit_IsRefused(bool isDevice, string passphrase)
    {
        var file = Make(isDevice, passphrase);

        var accepted = Enumerable.Range(0, 8 * file.Length).AsParallel().Where(bit =>
        {
            var copy = file.ToArray();
            copy[bit / 8] ^= (byte)(1 << (bit % 8));
            return IsAccepted(copy, passphrase);
        }).Select(bit => $"bit {bit % 8} of byte {bit / 8}").ToList();

        Assert.Empty(accepted);
        Assert.True(IsAccepted(file, passphrase));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Passphrase)]
    public void Parse_AnyTruncationOrAppendedByte_IsRefused(string passphrase)
    {
        var file = Make(isDevice: true, passphrase);

        Assert.DoesNotContain(Enumerable.Range(0, file.Length), length => IsAccepted(file[..length], passphrase));
        Assert.DoesNotContain(" \n\t\0}A"u8.ToArray(), end => IsAccepted([.. file, end], passphrase));
    }

    [Theory]
    [InlineData(",\"ledger\":\"AAAAAAAAAAAAAAAAAAAAAA\"}")]
    [InlineData(",\"note\":1}")]
    [InlineData(" }")]
    public void Parse_MemberThatCofferDoesNotWrite_IsRefused(string end)
    {
        var text = Encoding.UTF8.GetString(Make(isDevice: false, ""));

        Assert.False(IsAccepted(Encoding.UTF8.GetBytes(text[..^1] + end), ""));
    }

    private byte[] Make(bool isDevice, string passphrase)
    {
        var path = _folder.File($"{Guid.NewGuid():N}.key");
        KeyFile.Create(path, passphrase, isDevice, iterations: 1).Dispose();
        return File.ReadAllBytes(path);
    }

    // Anything but a KeyException fails the test.
    private static bool IsAccepted(byte[] file, string passphrase)
    {
        try
        {
            KeyFile.Parse(file, "a.key", passphrase, minIterations: 1).Dispose();
            return true;
        }
        catch (KeyException e)
        {
            Assert.True(e.Error is KeyError.Malformed or KeyError.PassphraseWrong, e.Message);
            return false;
        }
    }
}
