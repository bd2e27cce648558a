using Coffer.Bundles;
using Coffer.Cli.Commands;

namespace Coffer.Cli.Tests.Commands;

public sealed class KeysInitCommandTests
{
    private static readonly string[] Secrets = ["root.key", "publisher.key", "issuer.key", "device.key", "device.ledger"];

    [Fact]
    public async Task Init_EmptyFolder_MakesKeysAndSaysWhichAreSecret()
    {
        using var folder = new TemporaryFolder();

        var run = (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", "acme")).Succeeds();

        var lines = run.Out.Split('\n').ToList();
        var publicSection = lines.FindIndex(line => line.StartsWith("Public:", StringComparison.Ordinal));
        Assert.All(Secrets, name => Assert.InRange(lines.FindIndex(line => line.Contains(folder.File("keys", name) + " ", StringComparison.Ordinal)), 1, publicSection - 1));
        Assert.True(lines.FindIndex(line => line.Contains(folder.File("keys", "trust"), StringComparison.Ordinal)) > publicSection);
        Assert.Equal("acme", Assert.Single(TrustStore.FromDirectory(folder.File("keys", "trust")).Publishers).Key);
    }

    [Fact]
    public async Task Init_Unix_SecretFilesAreForTheirOwnerAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows protects files by access lists.");
            return;
        }

        using var folder = new TemporaryFolder();

        (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", "acme")).Succeeds();

        foreach (var name in Secrets)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("keys", name)));
        }
    }

    [Fact]
    public async Task Init_Json_NamesEveryFileThatItMade()
    {
        using var folder = new TemporaryFolder();

        var json = (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", "acme", "--json")).Succeeds().Json;

        Assert.Equal("acme", json.GetProperty("publisher").GetString());
        var named = json.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!).ToList();
        var made = Directory.EnumerateFileSystemEntries(folder.File("keys")).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal));
        Assert.All(made, path => Assert.Contains(path, named));
        Assert.Equal(Secrets, json.GetProperty("files").EnumerateArray()
            .Where(file => file.GetProperty("secret").GetBoolean() && File.Exists(file.GetProperty("path").GetString()))
            .Select(file => Path.GetFileName(file.GetProperty("path").GetString())));
    }

    [Fact]
    public async Task Init_FolderWithKeys_LeavesThemAlone()
    {
        using var folder = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", "acme")).Succeeds();
        var before = await File.ReadAllBytesAsync(folder.File("keys", "publisher.key"), TestContext.Current.CancellationToken);

        var run = (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", "acme")).FailsWith(ExitCodes.Device);

        Assert.Contains("never overwritten", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.File("keys", "publisher.key"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Acme")]
    [InlineData("acme inc")]
    [InlineData("../acme")]
    public async Task Init_NameOutsideTheAlphabet_IsUsage(string publisher)
    {
        using var folder = new TemporaryFolder();

        var run = (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", publisher)).FailsWith(ExitCodes.Usage);

        Assert.Contains(publisher, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("keys")));
    }

    [Theory]
    [InlineData("ann", "ann")]
    [InlineData("Ann.O'Neil", "ann.o-neil")]
    [InlineData("_svc_", "svc")]
    [InlineData("DOMAIN\\Jörg", "domain-j-rg")]
    [InlineData("漢字", "publisher")]
    [InlineData("", "publisher")]
    public void DefaultPublisher_UserName_IsInTheAlphabetOfPublishers(string user, string publisher) =>
        Assert.Equal(publisher, KeysInitCommand.DefaultPublisher(user));

    [Fact]
    public async Task Init_NoPublisher_TakesTheUserName()
    {
        using var folder = new TemporaryFolder();

        var json = (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--json")).Succeeds().Json;

        Assert.Equal(KeysInitCommand.DefaultPublisher(Environment.UserName), json.GetProperty("publisher").GetString());
    }
}
