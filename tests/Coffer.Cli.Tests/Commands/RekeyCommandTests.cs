using Coffer.Bundles;

namespace Coffer.Cli.Tests.Commands;

public sealed class RekeyCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    [Fact]
    public async Task Rekey_Bundle_IsUnderNewKeysAndRefusesTheOldLicense()
    {
        var rekeyed = vendor.File("rekeyed.coffer");

        var run = (await ToolRun.OfAsync("rekey", vendor.Bundle, "--keys", vendor.Keys, "-o", rekeyed)).Succeeds();

        using (var old = SignedBundle.Open(vendor.Bundle))
        using (var bundle = SignedBundle.Open(rekeyed))
        {
            Assert.All(bundle.Manifest.KeyIds.Values, id => Assert.Contains(id, run.Out, StringComparison.Ordinal));
            Assert.Empty(bundle.Manifest.KeyIds.Values.Intersect(old.Manifest.KeyIds.Values));
        }

        (await vendor.RunAsync([Vendor.Picture("seven.png")], bundle: rekeyed)).FailsWith(ExitCodes.LicenseRefused);
        var license = vendor.File("rekeyed.license");
        (await ToolRun.OfAsync("license", "issue", rekeyed, "--keys", vendor.Keys, "--device", vendor.Device, "-o", license)).Succeeds();
        Assert.Contains("seven", (await vendor.RunAsync([Vendor.Picture("seven.png")], bundle: rekeyed, license: license)).Succeeds().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rekey_Json_AgreesWithTheBundle()
    {
        var rekeyed = vendor.File("json.coffer");

        var json = (await ToolRun.OfAsync("rekey", vendor.Bundle, "--keys", vendor.Keys, "-o", rekeyed, "--json")).Succeeds().Json;

        using var bundle = SignedBundle.Open(rekeyed);
        Assert.Equal(bundle.ManifestDigest, json.GetProperty("model").GetProperty("digest").GetString());
    }

    [Fact]
    public async Task Rekey_NotABundle_IsRejected() =>
        (await ToolRun.OfAsync("rekey", Vendor.Picture("seven.png"), "--keys", vendor.Keys, "-o", vendor.File("none.coffer"))).FailsWith(ExitCodes.BundleRejected);
}
