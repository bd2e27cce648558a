namespace Coffer.Cli.Tests.Commands;

/// <summary>Private keys under a passphrase, through every command that reads one.</summary>
public sealed class PassphraseTests : IDisposable
{
    private const string Passphrase = "correct horse battery staple";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_WithThePassphrase_DoWhatTheyDoWithoutOne()
    {
        await File.WriteAllTextAsync(_folder.File("passphrase"), Passphrase + "\n", TestContext.Current.CancellationToken);
        string[] secret = ["--passphrase-file", _folder.File("passphrase")];
        var (keys, bundle, license, status) = (_folder.File("keys"), _folder.File("d.coffer"), _folder.File("d.license"), _folder.File("d.status"));
        string[] run = ["run", bundle, "--trust", _folder.File("keys", "trust"), "--license", license, "--device", _folder.File("keys", "device.key"), "--status", status, Vendor.Picture("seven.png")];

        Assert.Contains("passphrase", (await ToolRun.OfAsync(["keys", "init", keys, "--publisher", "acme", .. secret])).Succeeds().Out, StringComparison.Ordinal);
        (await ToolRun.OfAsync(["pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", keys, "-o", bundle, .. secret])).Succeeds();
        (await ToolRun.OfAsync(["rekey", bundle, "--keys", keys, "-o", bundle, .. secret])).Succeeds();
        (await ToolRun.OfAsync("status", "init", "--keys", keys, "--uri", DelegatedVendor.Uri)).Succeeds();
        (await ToolRun.OfAsync(["license", "issue", bundle, "--keys", keys, "--device", _folder.File("keys", "device.jwk"), "--calls", "10", "--status", "-o", license, .. secret])).Succeeds();
        (await ToolRun.OfAsync(["license", "renew", license, "--keys", keys, "--device", _folder.File("keys", "device.jwk"), "-o", license, .. secret])).Succeeds();
        (await ToolRun.OfAsync(["issuers", "publish", "--keys", keys, "-o", _folder.File("issuers.set"), .. secret])).Succeeds();
        (await ToolRun.OfAsync(["issuers", "publish", "--keys", keys, "--rotate", "-o", _folder.File("issuers.set"), .. secret])).Succeeds();
        (await ToolRun.OfAsync(["status", "publish", "--keys", keys, "-o", status, .. secret])).Succeeds();
        (await ToolRun.OfAsync(["license", "show", license, "--trust", _folder.File("keys", "trust"), "--device", _folder.File("keys", "device.key"), .. secret])).Succeeds();
        (await ToolRun.OfAsync(["license", "receipt", license, "--trust", _folder.File("keys", "trust"), "--device", _folder.File("keys", "device.key"), "-o", _folder.File("receipts"), .. secret])).Succeeds();
        Assert.Contains("seven", (await ToolRun.OfAsync([.. run, .. secret])).Succeeds().Out, StringComparison.Ordinal);
        Assert.Contains("seven", (await FromEnvironmentAsync(Passphrase, run)).Succeeds().Out, StringComparison.Ordinal);

        var without = (await ToolRun.OfAsync(run)).FailsWith(ExitCodes.Device);
        Assert.Contains("--passphrase-file", without.Error, StringComparison.Ordinal);
        Assert.Contains("does not open", (await FromEnvironmentAsync("guess", run)).FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);
        foreach (var name in new[] { "root.key", "publisher.key", "issuer.key", "issuers.key", "device.key" })
        {
            Assert.DoesNotContain("\"d\":", await File.ReadAllTextAsync(_folder.File("keys", name), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Init_EmptyPassphraseFile_IsUsageAndMakesNoPlainKey()
    {
        await File.WriteAllTextAsync(_folder.File("passphrase"), "\n", TestContext.Current.CancellationToken);

        (await ToolRun.OfAsync("keys", "init", _folder.File("keys"), "--passphrase-file", _folder.File("passphrase"))).FailsWith(ExitCodes.Usage);

        Assert.False(Directory.Exists(_folder.File("keys")));
    }

    private static async Task<ToolRun> FromEnvironmentAsync(string passphrase, string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CofferTool.RunAsync(arguments, new ToolHost(output, error) { Passphrase = passphrase }, TestContext.Current.CancellationToken);
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}
