using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Cli.Tests.Commands;

public sealed class IssuersCommandsTests(Vendor vendor) : IClassFixture<Vendor>, IDisposable
{
    // After the certificates were made, which the fixture did now.
    private static readonly DateTimeOffset Now = new(TimeProvider.System.GetUtcNow().Date.AddDays(1), TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(Now);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Publish_FirstVersion_AllowsTheIssuersOfTheTrustFolder()
    {
        var keys = CopyKeys();

        var run = (await PublishAsync(keys)).Succeeds();

        Assert.Contains("version 1 of the issuer set of 'acme'", run.Out, StringComparison.Ordinal);
        var publisher = TrustStore.FromDirectory(Path.Combine(keys, "trust"), _clock).Publishers["acme"];
        Assert.Equal(("acme", 1), (Assert.Single(publisher.Issuers).Name, publisher.IssuerSetVersion));
        using var key = KeyFile.Load(Path.Combine(keys, "issuers.key"));
        Assert.Equal([key.SigningKey], publisher.IssuerSet!.Claims.Keys);
    }

    [Fact]
    public async Task Publish_EveryOption_IsInTheClaims()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();

        var json = (await PublishAsync(
            keys, "--issuer", $"north={Path.Combine(keys, "issuer.jwk")}", "--issuer", $"south={Path.Combine(keys, "trust", "acme", "issuers", "acme.jwk")}",
            "--remove", "acme", "--signer", Path.Combine(keys, "publisher.crt"), "--expires", "30d", "--json")).Succeeds().Json;

        Assert.Equal(2, json.GetProperty("version").GetInt32());
        Assert.Equal(2, json.GetProperty("versions").GetArrayLength());
        var newest = IssuerSetFile.Load(SetIn(keys)).Newest;
        Assert.Equal(["north", "south"], newest.Issuers.Select(issuer => issuer.Name));
        Assert.Equal(newest.Issuers[0].Key, newest.Issuers[1].Key);
        Assert.Equal(Now.AddDays(30), newest.Expires);
        using var signed = SignedBundle.Open(vendor.Bundle);
        Assert.Equal([signed.ReadSignature().CertificateDigest], newest.Signers);
    }

    [Fact]
    public async Task Publish_WithoutOptions_KeepsTheTerms()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys, "--signer", Path.Combine(keys, "publisher.crt"))).Succeeds();

        (await PublishAsync(keys)).Succeeds();
        var kept = IssuerSetFile.Load(SetIn(keys));
        (await PublishAsync(keys, "--any-signer")).Succeeds();

        Assert.Equal(kept.Versions[0].Signers, kept.Newest.Signers);
        Assert.Equal(kept.Versions[0].Issuers, kept.Newest.Issuers);
        Assert.Equal(kept.Versions[0].Keys, kept.Newest.Keys);
        Assert.Null(IssuerSetFile.Load(SetIn(keys)).Newest.Signers);
    }

    [Fact]
    public async Task Publish_Rotate_NamesANewKeyThatSignsTheNextVersion()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();

        (await PublishAsync(keys, "--rotate")).Succeeds();
        (await PublishAsync(keys)).Succeeds();

        var versions = IssuerSetFile.Load(SetIn(keys)).Versions;
        Assert.Equal([1, 2, 3], versions.Select(version => version.Version));
        using var old = KeyFile.Load(Path.Combine(keys, "issuers.2.key"));
        using var key = KeyFile.Load(Path.Combine(keys, "issuers.key"));
        Assert.Equal([old.SigningKey], versions[0].Keys);
        Assert.Equal([key.SigningKey], versions[1].Keys);
        Assert.NotEqual(old.SigningKey, key.SigningKey);
        Assert.Equal(3, TrustStore.FromDirectory(Path.Combine(keys, "trust"), _clock).Publishers["acme"].IssuerSetVersion);
    }

    [Fact]
    public async Task Publish_LaterVersion_NeedsNoRootKey()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();
        File.Delete(Path.Combine(keys, "root.key"));

        (await PublishAsync(keys)).Succeeds();

        Assert.Equal(2, IssuerSetFile.Load(SetIn(keys)).Newest.Version);
    }

    [Fact]
    public async Task Publish_FirstVersionWithoutRootKey_IsDeviceAndLeavesNothing()
    {
        var keys = CopyKeys();
        File.Delete(Path.Combine(keys, "root.key"));

        var run = (await PublishAsync(keys)).FailsWith(ExitCodes.Device);

        Assert.Contains("root.key", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(keys, "issuers.key")));
        Assert.False(File.Exists(SetIn(keys)));
    }

    [Fact]
    public async Task Publish_BadTerms_IsUsageAndLeavesKeysAndFile()
    {
        var keys = CopyKeys();
        string[][] bad =
        [
            ["--remove", "nobody"],
            ["--issuer", "north"],
            ["--issuer", $"no rth={Path.Combine(keys, "issuer.jwk")}"],
            ["--signer", Path.Combine(keys, "issuer.jwk")],
            ["--signer", Path.Combine(keys, "publisher.crt"), "--any-signer"],
            ["--expires", "2001-01-01"],
        ];
        foreach (var options in bad)
        {
            (await PublishAsync(keys, options)).FailsWith(ExitCodes.Usage);
            Assert.False(File.Exists(Path.Combine(keys, "issuers.key")));
        }

        (await PublishAsync(keys, "--rotate")).FailsWith(ExitCodes.Usage);
        (await PublishAsync(keys)).Succeeds();
        var (file, key) = (await ReadAsync(SetIn(keys)), await ReadAsync(Path.Combine(keys, "issuers.key")));
        foreach (var options in bad)
        {
            (await PublishAsync(keys, [.. options, "--rotate"])).FailsWith(ExitCodes.Usage);
            Assert.Equal(file, await ReadAsync(SetIn(keys)));
            Assert.Equal(key, await ReadAsync(Path.Combine(keys, "issuers.key")));
        }
    }

    [Fact]
    public async Task Publish_AfterAVersionThatExpires_NeedsAnEnd()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys, "--expires", "30d")).Succeeds();
        Assert.Contains("--expires", (await PublishAsync(keys)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);

        // A set that is over is refused by everybody but its publisher, who replaces it.
        _clock.Advance(TimeSpan.FromDays(31));
        var shown = (await RunAsync("issuers", "show", SetIn(keys), "--trust", vendor.Trust)).FailsWith(ExitCodes.LicenseRefused);
        (await PublishAsync(keys, "--expires", "30d")).Succeeds();

        Assert.Contains("was valid until", shown.Error, StringComparison.Ordinal);
        Assert.Equal(Now.AddDays(61), IssuerSetFile.Load(SetIn(keys)).Newest.Expires);
    }

    // A second version 1, or another version 2, would be a fork that applications refuse.
    [Fact]
    public async Task Publish_WhereTheFileIsMissingOrOld_Refuses()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();
        var old = _folder.File("old.set");
        File.Copy(SetIn(keys), old);
        (await PublishAsync(keys)).Succeeds();

        Assert.Contains("issuers.key", (await PublishToAsync(keys, _folder.File("none.set"))).FailsWith(ExitCodes.Device).Error, StringComparison.Ordinal);
        Assert.Contains("version 2", (await PublishToAsync(keys, old)).FailsWith(ExitCodes.LicenseRefused).Error, StringComparison.Ordinal);
        Assert.Equal(1, IssuerSetFile.Load(old).Newest.Version);
    }

    [Fact]
    public async Task Publish_SetOfAnotherPublisher_Refuses()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();
        var stranger = _folder.File("stranger");
        (await RunAsync("keys", "init", stranger, "--publisher", "other")).Succeeds();
        (await PublishToAsync(stranger, _folder.File("other.set"))).Succeeds();

        (await PublishToAsync(stranger, SetIn(keys))).FailsWith(ExitCodes.LicenseRefused);
    }

    [Fact]
    public async Task Show_WithoutTrust_SaysThatNothingWasVerified()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys, "--signer", Path.Combine(keys, "publisher.crt"))).Succeeds();

        var run = (await RunAsync("issuers", "show", SetIn(keys))).Succeeds();
        var json = (await RunAsync("issuers", "show", SetIn(keys), "--json")).Succeeds().Json;

        Assert.Contains("nothing was verified", run.Out, StringComparison.Ordinal);
        Assert.Contains("acme  EC P-256 ", run.Out, StringComparison.Ordinal);
        Assert.False(json.GetProperty("verified").GetBoolean());
        Assert.Equal("acme", json.GetProperty("publisher").GetString());
        var version = Assert.Single(json.GetProperty("versions").EnumerateArray());
        Assert.Equal(1, version.GetProperty("version").GetInt32());
        Assert.Equal("acme", Assert.Single(version.GetProperty("issuers").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(64, Assert.Single(version.GetProperty("signers").EnumerateArray()).GetString()!.Length);
    }

    [Fact]
    public async Task Show_WithTrust_VerifiesAsAnApplicationDoes()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();
        var old = _folder.File("old.set");
        File.Copy(SetIn(keys), old);
        (await PublishAsync(keys)).Succeeds();
        using var stranger = new TemporaryFolder();
        (await RunAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();

        Assert.True((await RunAsync("issuers", "show", SetIn(keys), "--trust", vendor.Trust, "--json")).Succeeds().Json.GetProperty("verified").GetBoolean());
        (await RunAsync("issuers", "show", old, "--trust", vendor.Trust)).Succeeds();
        (await RunAsync("issuers", "show", old, "--trust", Path.Combine(keys, "trust"))).FailsWith(ExitCodes.LicenseRefused);
        (await RunAsync("issuers", "show", SetIn(keys), "--trust", stranger.File("keys", "trust"))).FailsWith(ExitCodes.LicenseRefused);

        var refused = await RunAsync("issuers", "show", vendor.File("none.set"), "--json");
        Assert.Equal(ExitCodes.LicenseRefused, refused.ExitCode);
        Assert.Equal(("trust", "NotFound"), (refused.ErrorJson.GetProperty("kind").GetString(), refused.ErrorJson.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task Run_LicenseOfARemovedIssuer_IsRefused()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys)).Succeeds();
        (await vendor.RunAsync([Vendor.Picture("seven.png")], trust: Path.Combine(keys, "trust"), clock: _clock)).Succeeds();

        (await PublishAsync(keys, "--remove", "acme")).Succeeds();

        var run = (await vendor.RunAsync([Vendor.Picture("seven.png")], trust: Path.Combine(keys, "trust"), clock: _clock)).FailsWith(ExitCodes.LicenseRefused);
        Assert.Contains("'acme'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_BundleOfARetiredCertificate_IsRejected()
    {
        var keys = CopyKeys();
        (await PublishAsync(keys, "--signer", Path.Combine(keys, "publisher.crt"))).Succeeds();
        (await RunAsync("verify", vendor.Bundle, "--trust", Path.Combine(keys, "trust"))).Succeeds();

        (await PublishAsync(keys, "--signer", Path.Combine(keys, "trust", "acme", "root.crt"))).Succeeds();

        var run = await RunAsync("verify", vendor.Bundle, "--trust", Path.Combine(keys, "trust"), "--json");
        Assert.Equal(ExitCodes.BundleRejected, run.ExitCode);
        Assert.Equal("SignerRetired", run.ErrorJson.GetProperty("error").GetString());
    }

    private Task<ToolRun> RunAsync(params string[] arguments) => ToolRun.AtAsync(_clock, arguments);

    private Task<ToolRun> PublishAsync(string keys, params string[] more) => PublishToAsync(keys, SetIn(keys), more);

    private Task<ToolRun> PublishToAsync(string keys, string file, params string[] more) => RunAsync(["issuers", "publish", "--keys", keys, "-o", file, .. more]);

    /// <summary>The vendor's keys, for one test to publish with.</summary>
    private string CopyKeys()
    {
        var copy = _folder.File("keys");
        foreach (var file in Directory.EnumerateFiles(vendor.Keys, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(vendor.Keys, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    private static string SetIn(string keys) => Path.Combine(keys, "trust", "acme", "issuers.set");

    private static Task<byte[]> ReadAsync(string path) => File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
}
