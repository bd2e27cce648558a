namespace Coffer.Cli.Tests.Commands;

public sealed class VerifyCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    [Fact]
    public async Task Verify_TrustedBundle_SaysWhoSigned()
    {
        var run = (await ToolRun.OfAsync("verify", vendor.Bundle, "--trust", vendor.Trust)).Succeeds();

        Assert.Contains("'acme' signed it", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_Json_SaysSo()
    {
        var json = (await ToolRun.OfAsync("verify", vendor.Bundle, "--trust", vendor.Trust, "--json")).Succeeds().Json;

        Assert.True(json.GetProperty("verified").GetBoolean());
        Assert.Equal("acme", json.GetProperty("model").GetProperty("publisher").GetString());
    }

    [Fact]
    public async Task Verify_FlippedBitInTheLastPart_IsRejected()
    {
        var path = await Tampering.FlipAsync(vendor.Bundle, vendor.File("flipped.coffer"), fromEnd: 1);

        var run = (await ToolRun.OfAsync("verify", path, "--trust", vendor.Trust)).FailsWith(ExitCodes.BundleRejected);

        Assert.Contains("graphs/model/weights", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_TruncatedBundle_IsRejected()
    {
        var path = await Tampering.TruncateAsync(vendor.Bundle, vendor.File("truncated.coffer"), missing: 100);

        var run = await ToolRun.OfAsync("verify", path, "--trust", vendor.Trust, "--json");

        Assert.Equal(ExitCodes.BundleRejected, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Equal("bundle", run.ErrorJson.GetProperty("kind").GetString());
        Assert.Equal("Truncated", run.ErrorJson.GetProperty("error").GetString());
        Assert.NotEmpty(run.ErrorJson.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Verify_AnotherPublishersTrust_IsRejected()
    {
        using var stranger = new TemporaryFolder();
        (await ToolRun.OfAsync("keys", "init", stranger.File("keys"), "--publisher", "acme")).Succeeds();

        var run = (await ToolRun.OfAsync("verify", vendor.Bundle, "--trust", stranger.File("keys", "trust"))).FailsWith(ExitCodes.BundleRejected);

        Assert.Contains("acme", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_MissingBundle_IsRejectedByName()
    {
        var run = (await ToolRun.OfAsync("verify", vendor.File("none.coffer"), "--trust", vendor.Trust)).FailsWith(ExitCodes.BundleRejected);

        Assert.Contains("none.coffer", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_MissingTrust_IsDevice() =>
        (await ToolRun.OfAsync("verify", vendor.Bundle, "--trust", vendor.File("nowhere"))).FailsWith(ExitCodes.Device);
}
