using System.Globalization;
using Coffer.Bundles;

namespace Coffer.Cli.Tests.Commands;

/// <summary><c>coffer status</c> and <c>coffer license revoke</c>.</summary>
public sealed class StatusCommandsTests(DelegatedVendor vendor) : IClassFixture<DelegatedVendor>
{
    private static readonly string Digest = new('a', 64);

    private Task<ToolRun> RevokeAsync(params string[] arguments) => vendor.RunAsync(["license", "revoke", .. arguments, "--keys", vendor.Keys]);

    private async Task<string> IssueAsync(string name)
    {
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "--status", "-o", vendor.File(name))).Succeeds();
        return vendor.File(name);
    }

    private async Task<int> StatusOfAsync(string license)
    {
        var list = StatusList.Load(await vendor.PublishAsync(Path.GetFileName(license) + ".status"));
        return list[License.Load(license).Chain[0].Status!.Index];
    }

    [Fact]
    public async Task Init_Twice_OverwritesNothing() =>
        (await vendor.RunAsync("status", "init", "--keys", vendor.Keys, "--uri", DelegatedVendor.Uri)).FailsWith(ExitCodes.Device);

    [Fact]
    public async Task Init_NoAddress_IsUsage() =>
        (await vendor.RunAsync("status", "init", "--keys", vendor.Oem, "--uri", "somewhere")).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Revoke_License_IsInTheNextList()
    {
        var license = await IssueAsync("revoked.license");

        var run = (await RevokeAsync(license)).Succeeds();

        Assert.Contains("coffer status publish", run.Out, StringComparison.Ordinal);
        Assert.Equal(1, await StatusOfAsync(license));
    }

    [Fact]
    public async Task Revoke_SuspendAndReinstate_ComesBack()
    {
        var license = await IssueAsync("suspended.license");

        (await RevokeAsync(license, "--suspend")).Succeeds();
        Assert.Equal(2, await StatusOfAsync(license));
        (await RevokeAsync(license, "--reinstate")).Succeeds();
        Assert.Equal(0, await StatusOfAsync(license));
        Assert.Contains("not suspended", (await RevokeAsync(license, "--reinstate")).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--suspend")]
    [InlineData("--reinstate")]
    public async Task Revoke_RevokedLicense_StaysRevoked(string option)
    {
        var license = await IssueAsync("gone.license");
        (await RevokeAsync(license)).Succeeds();

        Assert.Contains("for good", (await RevokeAsync(license, option)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        Assert.Equal(1, await StatusOfAsync(license));
    }

    [Fact]
    public async Task Revoke_LicenseThatWasPassedOn_TakesTheTokenThatWeSigned()
    {
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--delegate", Path.Combine(vendor.Oem, "issuer.jwk"), "--status", "-o", vendor.File("other.license"))).Succeeds();
        (await vendor.RunAsync("license", "narrow", vendor.File("other.license"), "--keys", vendor.Oem, "--device", Path.Combine(vendor.Keys, "device.jwk"), "-o", vendor.File("below.license"))).Succeeds();

        (await RevokeAsync(vendor.File("below.license"))).Succeeds();

        Assert.Equal(1, await StatusOfAsync(vendor.File("other.license")));
    }

    [Fact]
    public async Task Revoke_ByTheDelegate_TakesItsOwnToken()
    {
        (await vendor.RunAsync("status", "init", "--keys", vendor.Oem, "--uri", "https://oem.example.com/oem.status")).Succeeds();
        var (_, _, license) = await vendor.NarrowAsync("line-7", "--status");

        (await vendor.RunAsync("license", "revoke", license, "--keys", vendor.Oem)).Succeeds();

        (await vendor.RunAsync("status", "publish", "--keys", vendor.Oem, "-o", vendor.File("oem.status"))).Succeeds();
        var status = License.Load(license).Claims.Status!;
        Assert.Equal(("https://oem.example.com/oem.status", 1), (status.Uri, StatusList.Load(vendor.File("oem.status"))[status.Index]));
        Assert.Contains("delegate", (await vendor.RunAsync("status", "show", vendor.File("oem.status"), "--trust", vendor.Trust)).FailsWith(ExitCodes.LicenseRefused).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_LicenseWithoutAPlace_IsRefused()
    {
        (await vendor.RunAsync("license", "issue", vendor.Bundle, "--keys", vendor.Keys, "--device", Path.Combine(vendor.Keys, "device.jwk"), "-o", vendor.File("placeless.license"))).Succeeds();

        Assert.Contains("--status", (await RevokeAsync(vendor.File("placeless.license"))).FailsWith(ExitCodes.LicenseRefused).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_AnotherIssuersLicense_IsRefused()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();
        (await ToolRun.OfAsync("status", "init", "--keys", stranger.File("keys"), "--uri", DelegatedVendor.Uri)).Succeeds();

        (await ToolRun.OfAsync("license", "revoke", vendor.OemLicense, "--keys", stranger.File("keys"))).FailsWith(ExitCodes.LicenseRefused);
    }

    [Theory]
    [InlineData("Say what")]
    [InlineData("one of", "x.license", "--suspend", "--reinstate")]
    [InlineData("LICENSE", "--suspend", "--manifest", "aa")]
    [InlineData("--signer", "x.license", "--after", "2027-01-31")]
    public async Task Revoke_WhatContradictsItself_IsUsage(string named, params string[] arguments) =>
        Assert.Contains(named, (await RevokeAsync(arguments)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Revoke_Outright_TakesFilesAndDigests()
    {
        var certificate = Path.Combine(vendor.Keys, "publisher.crt");
        (await vendor.RunAsync("keys", "init", vendor.File("lost"), "--device")).Succeeds();
        var device = vendor.File("lost", "device.jwk");
        var thumbprint = Recipient.Load(device).SigningKey.Thumbprint;

        (await RevokeAsync("--device", device, "--manifest", Digest, "--signer", certificate, "--after", "2199-01-31")).Succeeds();
        (await RevokeAsync("--device", thumbprint)).Succeeds();

        var path = await vendor.PublishAsync("outright.status");
        var list = StatusList.Load(path);
        Assert.Contains(thumbprint, list.Devices);
        Assert.Contains(Digest, list.Manifests);
        Assert.Equal(new DateTimeOffset(2199, 1, 31, 0, 0, 0, TimeSpan.Zero), Assert.Single(list.Signers).After);
        var shown = (await vendor.RunAsync("status", "show", path, "--trust", vendor.Trust)).Succeeds();
        Assert.Contains("verified. 'acme' signed it", shown.Out, StringComparison.Ordinal);
        Assert.Contains(thumbprint, shown.Out, StringComparison.Ordinal);
        var json = (await vendor.RunAsync("status", "show", path, "--json")).Succeeds().Json;
        Assert.False(json.GetProperty("verified").GetBoolean());
        Assert.Contains(Digest, json.GetProperty("manifests").EnumerateArray().Select(item => item.GetString()));
    }

    [Fact]
    public async Task Revoke_ManifestOfABundle_IsItsDigest()
    {
        var json = (await RevokeAsync("--manifest", vendor.Bundle, "--json")).Succeeds().Json;

        using var bundle = SignedBundle.Open(vendor.Bundle);
        Assert.Contains(bundle.ManifestDigest, json.GetProperty("changes")[0].GetProperty("what").GetString(), StringComparison.Ordinal);
        Assert.False(json.GetProperty("published").GetBoolean());
    }

    [Fact]
    public async Task Publish_Expires_IsInTheList()
    {
        var json = (await vendor.RunAsync("status", "publish", "--keys", vendor.Keys, "--expires", "7d", "-o", vendor.File("weekly.status"), "--json")).Succeeds().Json;

        Assert.Equal(vendor.Now.AddDays(7), DateTimeOffset.Parse(json.GetProperty("expires").GetString()!, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Show_ListOfAStranger_IsRefusedWithTrust()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();
        (await ToolRun.OfAsync("status", "init", "--keys", stranger.File("keys"), "--uri", DelegatedVendor.Uri)).Succeeds();
        (await ToolRun.OfAsync("status", "publish", "--keys", stranger.File("keys"), "-o", stranger.File("a.status"))).Succeeds();

        (await ToolRun.OfAsync("status", "show", stranger.File("a.status"), "--trust", vendor.Trust)).FailsWith(ExitCodes.LicenseRefused);
    }
}
