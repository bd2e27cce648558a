using Coffer.Bundles;

namespace Coffer.Cli.Tests.Commands;

/// <summary>The terms of <c>license issue</c>, <c>renew</c> and <c>narrow</c>.</summary>
public sealed class LicenseTermsTests(DelegatedVendor vendor) : IClassFixture<DelegatedVendor>
{
    private Task<ToolRun> IssueAsync(string name, params string[] more) =>
        vendor.RunAsync(["license", "issue", vendor.Bundle, "--keys", vendor.Keys, "-o", vendor.File(name), .. more]);

    private Task<ToolRun> IssueForDeviceAsync(string name, params string[] more) =>
        IssueAsync(name, ["--device", Path.Combine(vendor.Keys, "device.jwk"), .. more]);

    [Fact]
    public async Task Issue_EveryTerm_IsInTheClaimsAndInItsRenewal()
    {
        (await IssueForDeviceAsync(
            "full.license", "--calls", "100", "--window", "1h", "--concurrent", "2", "--offline", "7d", "--grace", "2d", "--targets", "local,remote",
            "--endpoints", "https://a.example.com/v1,https://b.example.com", "--desensitise", "email,faces", "--watermark", "copy 7")).Succeeds();
        (await vendor.RunAsync("license", "renew", vendor.File("full.license"), "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "-o", vendor.File("renewed.license"))).Succeeds();

        foreach (var claims in new[] { "full.license", "renewed.license" }.Select(name => License.Load(vendor.File(name)).Claims))
        {
            Assert.Equal((100L, TimeSpan.FromHours(1), 2), (claims.Calls, claims.Window!.Value, claims.Concurrent));
            Assert.Equal(new OfflineTerms(TimeSpan.FromDays(7), TimeSpan.FromDays(2)), claims.Offline);
            Assert.Equal(["https://a.example.com/v1", "https://b.example.com"], claims.Remote!.Endpoints);
            Assert.Equal(["email", "faces"], claims.Remote.Desensitise);
            Assert.Equal("copy 7", claims.Watermark);
            Assert.Equal(DelegatedVendor.Uri, claims.Status!.Uri);
        }

        Assert.Equal(License.Load(vendor.File("full.license")).Claims.Status, License.Load(vendor.File("renewed.license")).Claims.Status);
    }

    [Fact]
    public async Task Issue_Status_GivesEveryLicenseAPlaceOfItsOwn()
    {
        (await IssueForDeviceAsync("one.license", "--status")).Succeeds();
        (await IssueForDeviceAsync("two.license", "--status")).Succeeds();

        Assert.NotEqual(License.Load(vendor.File("one.license")).Claims.Status!.Index, License.Load(vendor.File("two.license")).Claims.Status!.Index);
    }

    [Fact]
    public async Task Issue_WithoutStatus_NamesNone()
    {
        (await IssueForDeviceAsync("none.license")).Succeeds();

        Assert.Null(License.Load(vendor.File("none.license")).Claims.Status);
    }

    [Theory]
    [InlineData("--window", "--window", "1h")]
    [InlineData("--window", "--window", "1x", "--calls", "5")]
    [InlineData("--concurrent", "--concurrent", "0")]
    [InlineData("--grace", "--grace", "2d")]
    [InlineData("--offline", "--offline", "2027-01-31")]
    [InlineData("--targets", "--endpoints", "https://a.example.com")]
    [InlineData("--endpoints", "--endpoints", "a.example.com", "--targets", "remote")]
    [InlineData("--endpoints", "--desensitise", "faces")]
    [InlineData("--depth", "--depth", "1")]
    public async Task Issue_BadTerm_IsUsageAndNamesTheOption(string named, params string[] options)
    {
        var run = (await IssueForDeviceAsync("bad.license", options)).FailsWith(ExitCodes.Usage);

        Assert.Contains(named, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(vendor.File("bad.license")));
    }

    [Fact]
    public async Task Issue_ForNobodyOrForBoth_IsUsage()
    {
        Assert.Contains("--delegate", (await IssueAsync("bad.license")).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        Assert.Contains("one of", (await IssueForDeviceAsync("bad.license", "--delegate", Path.Combine(vendor.Oem, "issuer.jwk"))).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_DeviceAsDelegate_IsUsage() =>
        Assert.Contains("issuer.jwk", (await IssueAsync("bad.license", "--delegate", Path.Combine(vendor.Keys, "device.jwk"))).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Issue_StatusWithoutARegister_SaysHowToMakeOne()
    {
        using var folder = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", folder.File("keys"), "--publisher", "acme")).Succeeds();
        var bundle = folder.File("digits.coffer");
        (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", folder.File("keys"), "-o", bundle)).Succeeds();

        var run = (await ToolRun.OfAsync("license", "issue", bundle, "--keys", folder.File("keys"), "--device", folder.File("keys", "device.jwk"), "--offline", "7d", "-o", folder.File("a.license"))).FailsWith(ExitCodes.Device);

        Assert.Contains("coffer status init", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issue_Delegate_IsForNoDevice()
    {
        (await IssueAsync("deep.license", "--delegate", Path.Combine(vendor.Oem, "issuer.jwk"), "--depth", "3")).Succeeds();

        var claims = License.Load(vendor.File("deep.license")).Claims;
        Assert.Null(claims.Device);
        Assert.Equal((Recipient.Load(Path.Combine(vendor.Oem, "issuer.jwk")).SigningKey, 3), (claims.Delegate!.Key, claims.Delegate.Depth));
    }

    [Fact]
    public async Task Renew_Delegated_KeepsTheDelegate()
    {
        (await vendor.RunAsync("license", "renew", vendor.OemLicense, "--keys", vendor.Keys, "--delegate", Path.Combine(vendor.Oem, "issuer.jwk"), "--expires", "90d", "-o", vendor.File("oem-2.license"))).Succeeds();

        var (before, after) = (License.Load(vendor.OemLicense).Claims, License.Load(vendor.File("oem-2.license")).Claims);
        Assert.Equal((before.Delegate, before.Status, before.LicenseId, before.Sequence + 1), (after.Delegate, after.Status, after.LicenseId, after.Sequence));
    }

    [Fact]
    public async Task Narrow_FewerOfEverything_RunsOnTheDevice()
    {
        var (key, _, license) = await vendor.NarrowAsync("line-4", "--calls", "10", "--expires", "30d", "--providers", "cpu", "--watermark", "line 4");

        var claims = License.Load(license).Claims;
        Assert.Equal(("oem", "line-4", 10L, "line 4"), (claims.Issuer, claims.Licensee, claims.Calls, claims.Watermark));
        Assert.Equal(TimeSpan.FromDays(7), claims.Offline!.Max);
        var run = await vendor.RunAsync("run", vendor.Bundle, "--trust", vendor.Trust, "--license", license, "--device", key, Vendor.Picture("seven.png"));
        Assert.True(run.ExitCode == ExitCodes.Ok, run.Error);
        Assert.StartsWith("seven.png  seven", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quota.calls", "--calls", "1001")]
    [InlineData("exp", "--expires", "61d")]
    [InlineData("targets", "--targets", "local,remote")]
    [InlineData("models", "--versions", "*")]
    [InlineData("offline", "--offline", "8d")]
    public async Task Narrow_MoreThanAbove_IsRefusedByTheClaim(string claim, params string[] options)
    {
        var device = Path.Combine(vendor.Keys, "device.jwk");

        var run = (await vendor.RunAsync(["license", "narrow", vendor.OemLicense, "--keys", vendor.Oem, "--device", device, "-o", vendor.File("wide.license"), .. options])).FailsWith(ExitCodes.LicenseRefused);

        Assert.Contains($"'{claim}'", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(vendor.File("wide.license")));
    }

    [Fact]
    public async Task Narrow_BySomebodyElse_IsRefused() =>
        Assert.Contains("add a token", (await vendor.RunAsync("license", "narrow", vendor.OemLicense, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "-o", vendor.File("no.license"))).FailsWith(ExitCodes.LicenseRefused).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Narrow_Renews_IsTheNextOfItsGrant()
    {
        var (_, device, license) = await vendor.NarrowAsync("line-5", "--calls", "10");
        (await vendor.RunAsync("license", "narrow", vendor.OemLicense, "--keys", vendor.Oem, "--device", device, "--calls", "20", "--renews", license, "-o", vendor.File("line-5b.license"))).Succeeds();

        var (old, renewal) = (License.Load(license).Claims, License.Load(vendor.File("line-5b.license")).Claims);
        Assert.Equal((old.LicenseId, old.Sequence + 1, 20L), (renewal.LicenseId, renewal.Sequence, renewal.Calls));
    }

    [Fact]
    public async Task Renew_LicenseThatWasPassedOn_PointsToNarrow()
    {
        var (_, device, license) = await vendor.NarrowAsync("line-6");

        Assert.Contains("license narrow", (await vendor.RunAsync("license", "renew", license, "--keys", vendor.Keys, "--device", device, "--expires", "30d", "-o", vendor.File("x.license"))).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }
}
