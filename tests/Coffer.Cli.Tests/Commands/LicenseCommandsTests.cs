using Coffer.Bundles;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Cli.Tests.Commands;

public sealed class LicenseCommandsTests(Vendor vendor) : IClassFixture<Vendor>
{
    // After the certificate was made, which the fixture did now.
    private static readonly DateTimeOffset Now = new(TimeProvider.System.GetUtcNow().Date.AddDays(1), TimeSpan.Zero);

    private Task<ToolRun> IssueAsync(string name, params string[] more) =>
        ToolRun.AtAsync(new FakeTimeProvider(Now), ["license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.Device, "-o", vendor.File(name), .. more]);

    [Fact]
    public async Task Issue_NoOptions_AllowsTheBundlesTaskHereForEver()
    {
        (await IssueAsync("plain.license")).Succeeds();

        var claims = License.Load(vendor.File("plain.license")).Claims;
        Assert.Equal("acme", claims.Issuer);
        Assert.Equal("acme", claims.Licensee);
        Assert.Null(claims.Expires);
        Assert.Null(claims.Calls);
        Assert.Equal(["image-classification"], claims.Tasks);
        Assert.Equal([ExecutionTarget.Local], claims.Targets);
        Assert.Equal("[1.0.0,2.0.0)", Assert.Single(claims.Models).Versions.ToString());
    }

    [Fact]
    public async Task Issue_EveryOption_IsInTheClaims()
    {
        (await IssueAsync(
            "full.license", "--licensee", "contoso", "--expires", "30d", "--not-before", "12h", "--calls", "100", "--tasks", "image-classification,tensors",
            "--targets", "local,remote", "--providers", "cpu,CUDA", "--versions", "[1.0.0]", "--audience", "app")).Succeeds();

        var claims = License.Load(vendor.File("full.license")).Claims;
        Assert.Equal("contoso", claims.Licensee);
        Assert.Equal(Now.AddDays(30), claims.Expires);
        Assert.Equal(Now.AddHours(12), claims.NotBefore);
        Assert.Equal(100, claims.Calls);
        Assert.Equal(["image-classification", "tensors"], claims.Tasks);
        Assert.Equal([ExecutionTarget.Local, ExecutionTarget.Remote], claims.Targets);
        Assert.Equal(["CPU", "CUDA"], claims.Providers);
        Assert.Equal("[1.0.0]", Assert.Single(claims.Models).Versions.ToString());
        Assert.Equal("app", claims.Audience);
    }

    [Fact]
    public async Task Renew_License_IsTheNextOfItsGrant()
    {
        (await IssueAsync("old.license", "--licensee", "contoso", "--expires", "30d", "--calls", "100")).Succeeds();
        (await RenewAsync("old.license", "new.license", "--expires", "60d", "--calls", "250")).Succeeds();

        var old = License.Load(vendor.File("old.license")).Claims;
        var renewal = License.Load(vendor.File("new.license")).Claims;
        Assert.Equal((old.LicenseId, old.Sequence + 1), (renewal.LicenseId, renewal.Sequence));
        Assert.Equal(("contoso", 250L, Now.AddDays(60)), (renewal.Licensee, renewal.Calls, renewal.Expires));
        Assert.Equal(old.Keys.Select(key => key.KeyId), renewal.Keys.Select(key => key.KeyId));
        Assert.NotEqual(old.TokenId, renewal.TokenId);
    }

    [Fact]
    public async Task Renew_WithoutExpiresWhereTheLicenseHasIt_IsAUsageError()
    {
        (await IssueAsync("ending.license", "--expires", "30d")).Succeeds();

        Assert.Contains("--expires", (await RenewAsync("ending.license", "endless.license")).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(vendor.File("endless.license")));
    }

    private Task<ToolRun> RenewAsync(string license, string renewal, params string[] more) =>
        ToolRun.AtAsync(new FakeTimeProvider(Now), ["license", "renew", vendor.File(license), "--keys", vendor.Keys, "--device", vendor.Device, "-o", vendor.File(renewal), .. more]);

    [Fact]
    public async Task Issue_Date_IsItsFirstMoment()
    {
        (await IssueAsync("date.license", "--expires", "2199-01-31")).Succeeds();

        Assert.Equal(new DateTimeOffset(2199, 1, 31, 0, 0, 0, TimeSpan.Zero), License.Load(vendor.File("date.license")).Claims.Expires);
    }

    [Theory]
    [InlineData("--expires", "soon")]
    [InlineData("--expires", "2001-01-01")]
    [InlineData("--expires", "0d")]
    [InlineData("--expires", "99999999d")]
    [InlineData("--not-before", "-1d")]
    [InlineData("--calls", "0")]
    [InlineData("--calls", "many")]
    [InlineData("--targets", "moon")]
    [InlineData("--providers", "abacus")]
    [InlineData("--versions", "1.x")]
    [InlineData("--tasks", ",")]
    public async Task Issue_BadValue_IsUsage(string option, string value)
    {
        (await IssueAsync("bad.license", option, value)).FailsWith(ExitCodes.Usage);

        Assert.False(File.Exists(vendor.File("bad.license")));
    }

    [Fact]
    public async Task Issue_ExpiresBeforeItBegins_IsUsage() =>
        (await IssueAsync("never.license", "--expires", "1d", "--not-before", "2d")).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Issue_AnotherPublishersBundle_IsRejected()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();

        (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", stranger.File("keys"), "--device", vendor.Device, "-o", stranger.File("l"))).FailsWith(ExitCodes.BundleRejected);

        Assert.False(File.Exists(stranger.File("l")));
    }

    [Fact]
    public async Task Issue_PrivateKeyForTheDevice_IsRefused()
    {
        var run = (await ToolRun.OfAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", vendor.DeviceKey, "-o", vendor.File("private.license"))).FailsWith(ExitCodes.Device);

        Assert.False(File.Exists(vendor.File("private.license")), run.Error);
    }

    [Fact]
    public async Task Show_License_SaysWhatItAllowsAndThatNothingWasVerified()
    {
        (await IssueAsync("shown.license", "--licensee", "contoso", "--expires", "30d", "--calls", "10000")).Succeeds();

        var run = (await ToolRun.AtAsync(new FakeTimeProvider(Now), "license", "show", vendor.File("shown.license"))).Succeeds();

        Assert.Contains("nothing was verified", run.Out, StringComparison.Ordinal);
        Assert.Contains("contoso", run.Out, StringComparison.Ordinal);
        Assert.Contains("10,000 in all", run.Out, StringComparison.Ordinal);
        Assert.Contains(Text.Of(Now.AddDays(30)), run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("expired", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_ExpiredLicense_SaysSo()
    {
        (await IssueAsync("over.license", "--expires", "1d")).Succeeds();

        var run = (await ToolRun.AtAsync(new FakeTimeProvider(Now.AddDays(2)), "license", "show", vendor.File("over.license"))).Succeeds();

        Assert.Contains("(expired)", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_Json_HoldsTheClaims()
    {
        (await IssueAsync("json.license", "--calls", "5")).Succeeds();

        var json = (await ToolRun.OfAsync("license", "show", vendor.File("json.license"), "--json")).Succeeds().Json;

        Assert.False(json.GetProperty("verified").GetBoolean());
        var claims = json.GetProperty("claims");
        Assert.Equal(5, claims.GetProperty("calls").GetInt64());
        Assert.Equal("acme/digits", claims.GetProperty("models")[0].GetProperty("id").GetString());
        Assert.Equal(Recipient.Load(vendor.Device).SigningKey.Thumbprint, claims.GetProperty("device").GetString());
        Assert.DoesNotContain("jwe", json.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Show_NotALicense_IsRefused() =>
        (await ToolRun.OfAsync("license", "show", vendor.Bundle)).FailsWith(ExitCodes.LicenseRefused);

    [Fact]
    public async Task Show_MissingFile_IsRefusedByName()
    {
        var run = (await ToolRun.OfAsync("license", "show", vendor.File("none.license"))).FailsWith(ExitCodes.LicenseRefused);

        Assert.Contains("none.license", run.Error, StringComparison.Ordinal);
    }
}
