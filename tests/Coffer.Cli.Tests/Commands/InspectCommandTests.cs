using Coffer.Bundles;

namespace Coffer.Cli.Tests.Commands;

public sealed class InspectCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    [Fact]
    public async Task Inspect_Bundle_ShowsFactsAndSaysThatNothingWasVerified()
    {
        var run = (await ToolRun.OfAsync("inspect", vendor.Bundle)).Succeeds();

        Assert.Contains("nothing was verified", run.Out, StringComparison.Ordinal);
        Assert.Contains("acme/digits 1.0.0", run.Out, StringComparison.Ordinal);
        Assert.Contains("graphs/model/weights", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_Json_AgreesWithTheBundle()
    {
        var json = (await ToolRun.OfAsync("inspect", vendor.Bundle, "--json")).Succeeds().Json;

        using var bundle = SignedBundle.Open(vendor.Bundle);
        Assert.False(json.GetProperty("verified").GetBoolean());
        Assert.Equal(bundle.ManifestDigest, json.GetProperty("model").GetProperty("digest").GetString());
        Assert.Equal(bundle.Manifest.Parts.Select(part => part.Name), json.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("name").GetString()));
        Assert.Equal(bundle.ReadSignature().CertificateDigest, json.GetProperty("signature").GetProperty("certificateSha256").GetString());
        Assert.Equal(bundle.Manifest.KeyIds[PartGroup.Weights], json.GetProperty("keys").GetProperty("weights").GetString());
    }

    [Fact]
    public async Task Inspect_TamperedPart_StillShowsWhatTheFileSays()
    {
        var path = await Tampering.FlipAsync(vendor.Bundle, vendor.File("inspected.coffer"), fromEnd: 1);

        (await ToolRun.OfAsync("inspect", path)).Succeeds();
    }

    [Fact]
    public async Task Inspect_NotABundle_IsRejected()
    {
        await File.WriteAllTextAsync(vendor.File("garbage"), "Not a bundle at all, but long enough to hold a header.", TestContext.Current.CancellationToken);

        (await ToolRun.OfAsync("inspect", vendor.File("garbage"))).FailsWith(ExitCodes.BundleRejected);
    }
}
