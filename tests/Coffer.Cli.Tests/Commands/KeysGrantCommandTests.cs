namespace Coffer.Cli.Tests.Commands;

/// <summary>Publisher, issuer and device each in a folder of their own, who send each other files.</summary>
public sealed class KeysGrantCommandTests : IClassFixture<Vendor>, IAsyncLifetime
{
    private const string Issuer = "contoso";

    private readonly Vendor _vendor;
    private readonly TemporaryFolder _folder = new();

    public KeysGrantCommandTests(Vendor vendor) => _vendor = vendor;

    // The publisher's trust folder is shared between tests: each names issuers in a copy.
    private string Trust => _folder.File("trust");

    private string IssuerKeys => _folder.File("issuer");

    private string License => _folder.File("digits.license");

    public async ValueTask InitializeAsync()
    {
        CopyFolder(_vendor.Trust, Trust);
        (await ToolRun.OfAsync("keys", "init", IssuerKeys, "--issuer", Issuer)).Succeeds();
        (await ToolRun.OfAsync("keys", "init", _folder.File("device"), "--device")).Succeeds();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Grant_ToAnotherIssuer_ItsLicenseOpensWhereItIsTrustedAlone()
    {
        var granted = (await GrantAsync("--trust", Trust)).Succeeds();
        Assert.Contains("digits.weights.1", granted.Out, StringComparison.Ordinal);
        Assert.Contains(Issuer, granted.Out, StringComparison.Ordinal);
        SendToIssuer();

        (await IssueAsync("--calls", "5")).Succeeds();
        var renewed = _folder.File("renewed.license");
        (await ToolRun.OfAsync("license", "renew", License, "--keys", IssuerKeys, "--device", _folder.File("device", "device.jwk"), "--calls", "9", "-o", renewed)).Succeeds();

        Assert.Equal(Issuer, Coffer.Bundles.License.Load(License).Claims.Issuer);
        Assert.Contains("seven", (await RunAsync(Trust, License)).Succeeds().Out, StringComparison.Ordinal);
        Assert.Contains("seven", (await RunAsync(Trust, renewed)).Succeeds().Out, StringComparison.Ordinal);
        var refused = await RunAsync(_vendor.Trust, License, "--json");
        Assert.Equal(ExitCodes.LicenseRefused, refused.ExitCode);
        Assert.Equal("IssuerUntrusted", refused.ErrorJson.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Grant_WithoutTrust_SaysWhatIsMissingAndChangesNoTrustFolder()
    {
        var run = (await GrantAsync()).Succeeds();

        Assert.Contains(Path.Combine("acme", "issuers", "contoso.jwk"), run.Out, StringComparison.Ordinal);
        Assert.Equal(["acme.jwk"], Directory.GetFiles(Path.Combine(_vendor.Trust, "acme", "issuers")).Select(Path.GetFileName));
        Assert.Equal(
            ["digits.settings.1.contoso.grant", "digits.weights.1.contoso.grant"],
            Directory.GetFiles(_folder.File("grants")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Grant_Json_NamesGrantsAndAnchor()
    {
        var json = (await GrantAsync("--trust", Trust, "--json")).Succeeds().Json;

        Assert.Equal(Path.Combine(Trust, "acme", "issuers", "contoso.jwk"), json.GetProperty("trusted").GetString());
        Assert.All(json.GetProperty("grants").EnumerateArray(), grant => Assert.True(File.Exists(grant.GetProperty("file").GetString())));
        Assert.Equal(2, json.GetProperty("grants").GetArrayLength());
    }

    [Fact]
    public async Task Grant_IssuerTrustedWithAnotherKey_IsRefusedAndGivesNothing()
    {
        (await GrantAsync("--trust", Trust)).Succeeds();
        Directory.Delete(_folder.File("grants"), recursive: true);
        (await ToolRun.OfAsync("keys", "init", _folder.File("impostor"), "--issuer", Issuer)).Succeeds();

        var run = await ToolRun.OfAsync(
            "keys", "grant", _vendor.Bundle, "--keys", _vendor.Keys, "--issuer", Issuer, "--to", _folder.File("impostor", "issuer.jwk"), "-o", _folder.File("grants"), "--trust", Trust);

        Assert.Contains("another key", run.FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("grants")));
    }

    [Fact]
    public async Task Grant_InThePublishersOwnName_IsRefusedAndKeepsItsGrants()
    {
        // The publisher licenses under its own name, too: another's grants would replace its own.
        var own = Path.Combine(_vendor.Keys, "grants", "digits.weights.1.acme.grant");
        var before = await File.ReadAllTextAsync(own, TestContext.Current.CancellationToken);

        var run = await ToolRun.OfAsync(
            "keys", "grant", _vendor.Bundle, "--keys", _vendor.Keys, "--issuer", "acme", "--to", Path.Combine(IssuerKeys, "issuer.jwk"), "-o", Path.Combine(_vendor.Keys, "grants"));

        Assert.Contains("another key", run.FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(own, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Grant_ToADevice_IsUsage()
    {
        var run = await ToolRun.OfAsync(
            "keys", "grant", _vendor.Bundle, "--keys", _vendor.Keys, "--issuer", Issuer, "--to", _folder.File("device", "device.jwk"), "-o", _folder.File("grants"));

        Assert.Contains("a device", run.FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_BeforeThePublisherAnswered_SaysWhatToCopy()
    {
        Assert.Contains("trust", (await IssueAsync()).FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);

        CopyFolder(Trust, Path.Combine(IssuerKeys, "trust"));
        Assert.Contains("publisher.crt", (await IssueAsync()).FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_PublisherCertificateOfAnotherRoot_IsNotBelieved()
    {
        (await GrantAsync("--trust", Trust)).Succeeds();
        SendToIssuer();
        (await ToolRun.OfAsync("keys", "init", _folder.File("stranger"), "--publisher", "acme")).Succeeds();
        File.Copy(_folder.File("stranger", "publisher.crt"), Path.Combine(IssuerKeys, "publisher.crt"), overwrite: true);

        var run = await IssueAsync("--json");

        Assert.Equal(ExitCodes.Device, run.ExitCode);
        Assert.Equal("Untrusted", run.ErrorJson.GetProperty("error").GetString());
        Assert.False(File.Exists(License));
    }

    [Fact]
    public async Task Issue_GrantToAnotherIssuer_IsRefused()
    {
        (await GrantAsync("--trust", Trust)).Succeeds();
        SendToIssuer();
        File.Move(Path.Combine(IssuerKeys, "issuers", "contoso.jwk"), Path.Combine(IssuerKeys, "issuers", "fabrikam.jwk"));

        Assert.Contains("no grant", (await IssueAsync()).FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> GrantAsync(params string[] more) => ToolRun.OfAsync(
        ["keys", "grant", _vendor.Bundle, "--keys", _vendor.Keys, "--issuer", Issuer, "--to", Path.Combine(IssuerKeys, "issuer.jwk"), "-o", _folder.File("grants"), .. more]);

    private Task<ToolRun> IssueAsync(params string[] more) =>
        ToolRun.OfAsync(["license", "issue", _vendor.Bundle, "--keys", IssuerKeys, "--device", _folder.File("device", "device.jwk"), "-o", License, .. more]);

    private Task<ToolRun> RunAsync(string trust, string license, params string[] more) =>
        _vendor.RunAsync([Vendor.Picture("seven.png"), .. more], trust: trust, license: license, device: _folder.File("device", "device.key"));

    private void SendToIssuer()
    {
        CopyFolder(_folder.File("grants"), Path.Combine(IssuerKeys, "grants"));
        CopyFolder(Trust, Path.Combine(IssuerKeys, "trust"));
        File.Copy(Path.Combine(_vendor.Keys, "publisher.crt"), Path.Combine(IssuerKeys, "publisher.crt"));
    }

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
