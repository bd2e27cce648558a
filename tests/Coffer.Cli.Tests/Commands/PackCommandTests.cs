using Coffer.Bundles;
using Spectre.Console;

namespace Coffer.Cli.Tests.Commands;

public sealed class PackCommandTests(Vendor vendor) : IClassFixture<Vendor>
{
    private Task<ToolRun> PackAsync(string output, params string[] more) =>
        ToolRun.OfAsync(["pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.2.3", "--keys", vendor.Keys, "-o", vendor.File(output), .. more]);

    [Fact]
    public async Task Pack_ExportedFolder_SaysWhatWasPackedAndProved()
    {
        var run = (await PackAsync("said.coffer")).Succeeds();

        Assert.Contains("acme/digits 1.2.3", run.Out, StringComparison.Ordinal);
        Assert.Contains("bit for bit", run.Out, StringComparison.Ordinal);
        using var bundle = SignedBundle.Open(vendor.File("said.coffer"));
        Assert.Contains(bundle.ManifestDigest, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_Json_AgreesWithTheBundle()
    {
        var json = (await PackAsync("json.coffer", "--json", "--sequence", "7")).Succeeds().Json;

        using var bundle = SignedBundle.Open(vendor.File("json.coffer"));
        Assert.Equal(bundle.ManifestDigest, json.GetProperty("model").GetProperty("digest").GetString());
        Assert.Equal(new FileInfo(vendor.File("json.coffer")).Length, json.GetProperty("length").GetInt64());
        Assert.Equal(7, bundle.Manifest.Sequence);
        Assert.True(json.GetProperty("graphs")[0].GetProperty("provenSamples").GetInt32() > 0);
    }

    [Fact]
    public async Task Pack_NoProof_SaysThatNothingWasCompared()
    {
        var run = (await PackAsync("unproven.coffer", "--no-proof")).Succeeds();

        Assert.Contains("not compared", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_OptimizeExtended_RunsTheSameAndNamesTheOperatorsItBrought()
    {
        var run = (await PackAsync("fast.coffer", "--optimize", "extended")).Succeeds();
        var json = (await PackAsync("fast.coffer", "--optimize", "extended", "--json")).Succeeds().Json.GetProperty("graphs")[0];

        Assert.Contains("optimised (extended)", run.Out, StringComparison.Ordinal);
        Assert.Contains("com.microsoft.FusedConv", run.Out, StringComparison.Ordinal);
        Assert.Equal("extended", json.GetProperty("optimization").GetString());
        Assert.Equal("com.microsoft.FusedConv", json.GetProperty("runtimeOperators")[0].GetString());
        (await ToolRun.OfAsync("license", "issue", vendor.File("fast.coffer"), "--keys", vendor.Keys, "--device", vendor.Device, "-o", vendor.File("fast.license"))).Succeeds();
        var seven = (await ToolRun.OfAsync("run", vendor.File("fast.coffer"), "--trust", vendor.Trust, "--license", vendor.File("fast.license"), "--device", vendor.DeviceKey, Path.Combine(Vendor.Digits, "pictures", "seven.png"))).Succeeds();
        Assert.Contains("seven", seven.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_UnknownOptimization_IsUsage()
    {
        var run = (await PackAsync("never.coffer", "--optimize", "all")).FailsWith(ExitCodes.Usage);

        Assert.Contains("basic or extended", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(vendor.File("never.coffer")));
    }

    [Fact]
    public async Task Pack_FullIdOfThisPublisher_IsTheName()
    {
        (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "acme/digits", "--version", "1.0.0", "--keys", vendor.Keys, "-o", vendor.File("full.coffer"))).Succeeds();

        using var bundle = SignedBundle.Open(vendor.File("full.coffer"));
        Assert.Equal("acme/digits", bundle.Manifest.Id);
    }

    [Fact]
    public async Task Pack_FullIdOfAnotherPublisher_IsUsage()
    {
        var run = (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "other/digits", "--version", "1.0.0", "--keys", vendor.Keys, "-o", vendor.File("other.coffer"))).FailsWith(ExitCodes.Usage);

        Assert.Contains("'acme'", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(vendor.File("other.coffer")));
    }

    [Fact]
    public async Task Pack_ModelFileWithOptions_NeedsNoConfiguration()
    {
        var model = Repository.File("samples", "models", "digits", "model.onnx");
        await File.WriteAllLinesAsync(vendor.File("labels.txt"), Enumerable.Range(0, 10).Select(digit => $"digit {digit}"), TestContext.Current.CancellationToken);

        (await ToolRun.OfAsync(
            "pack", model, "--task", "image-classification", "--id", "bare", "--version", "1.0.0", "--labels", vendor.File("labels.txt"),
            "--size", "32x32", "--channel-order", "rgb", "--scale", "1/255", "--mean", "0.5,0.5,0.5", "--std", "0.5", "--resample", "bilinear",
            "--keys", vendor.Keys, "-o", vendor.File("bare.coffer"))).Succeeds();
        (await ToolRun.OfAsync("license", "issue", vendor.File("bare.coffer"), "--keys", vendor.Keys, "--device", vendor.Device, "-o", vendor.File("bare.license"))).Succeeds();

        var run = (await vendor.RunAsync([Vendor.Picture("seven.png"), "--json"], bundle: vendor.File("bare.coffer"), license: vendor.File("bare.license"))).Succeeds();
        Assert.Equal("digit 7", run.Json.GetProperty("results")[0].GetProperty("classes")[0].GetProperty("label").GetString());
    }

    [Fact]
    public async Task Pack_WrongNumberOfLabels_IsUsage()
    {
        await File.WriteAllLinesAsync(vendor.File("nine.txt"), Enumerable.Range(0, 9).Select(digit => $"digit {digit}"), TestContext.Current.CancellationToken);

        var run = (await PackAsync("nine.coffer", "--labels", vendor.File("nine.txt"))).FailsWith(ExitCodes.Usage);

        Assert.Contains("9", run.Error, StringComparison.Ordinal);
        Assert.Contains("10", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(vendor.File("nine.coffer")));
    }

    [Theory]
    [InlineData("--size", "wide")]
    [InlineData("--size", "1x2x3")]
    [InlineData("--crop", "0")]
    [InlineData("--mean", "a,b,c")]
    [InlineData("--mean", "0.5,,0.5")]
    [InlineData("--std", "0")]
    [InlineData("--scale", "1/0")]
    [InlineData("--channel-order", "hsv")]
    [InlineData("--resample", "cubic")]
    [InlineData("--shape", "input")]
    [InlineData("--shape", "input=1x-3")]
    [InlineData("--dim", "=1")]
    [InlineData("--sequence", "many")]
    [InlineData("--sequence", "-1")]
    [InlineData("--task", "clairvoyance")]
    [InlineData("--version", "1.0")]
    [InlineData("--id", "Digits")]
    [InlineData("--labels", "no-such-file.txt")]
    public async Task Pack_BadValue_IsUsage(string option, string value)
    {
        var options = new Dictionary<string, string> { ["--task"] = "image-classification", ["--id"] = "bad", ["--version"] = "1.0.0", [option] = value };

        (await ToolRun.OfAsync(["pack", Vendor.Digits, "--keys", vendor.Keys, "-o", vendor.File("bad.coffer"), .. options.SelectMany(pair => new[] { pair.Key, pair.Value })])).FailsWith(ExitCodes.Usage);

        Assert.False(File.Exists(vendor.File("bad.coffer")));
    }

    [Fact]
    public async Task Pack_NotAModel_IsUsage()
    {
        await File.WriteAllTextAsync(vendor.File("text.onnx"), "This is not ONNX.", TestContext.Current.CancellationToken);

        (await ToolRun.OfAsync("pack", vendor.File("text.onnx"), "--task", "tensors", "--id", "text", "--version", "1.0.0", "--keys", vendor.Keys, "-o", vendor.File("text.coffer"))).FailsWith(ExitCodes.Usage);
    }

    [Fact]
    public async Task Pack_NoModel_IsUsage() =>
        (await ToolRun.OfAsync("pack", vendor.File("none.onnx"), "--task", "tensors", "--id", "none", "--version", "1.0.0", "--keys", vendor.Keys, "-o", vendor.File("none.coffer"))).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Pack_FolderWithoutKeys_IsDevice() =>
        (await ToolRun.OfAsync("pack", Vendor.Digits, "--task", "tensors", "--id", "none", "--version", "1.0.0", "--keys", vendor.File("nowhere"), "-o", vendor.File("none.coffer"))).FailsWith(ExitCodes.Device);

    [Fact]
    public async Task Pack_OutputInNoFolder_IsDevice() =>
        (await PackAsync(Path.Combine("no", "such", "folder.coffer"))).FailsWith(ExitCodes.Device);

    [Fact]
    public async Task Pack_OnATerminal_DrawsProgressOnStandardErrorOnly()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(error) });

        var code = await CofferTool.RunAsync(
            ["pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", vendor.Keys, "-o", vendor.File("drawn.coffer")],
            new ToolHost(output, error) { ProgressConsole = console },
            TestContext.Current.CancellationToken);

        Assert.Equal(ExitCodes.Ok, code);
        Assert.Contains('\e', error.ToString());
        Assert.DoesNotContain('\e', output.ToString());
        Assert.StartsWith(vendor.File("drawn.coffer"), output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pack_Cancelled_EndsAsShellsExpectAndLeavesNothing()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await CofferTool.RunAsync(
            ["pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", vendor.Keys, "-o", vendor.File("stopped.coffer")],
            new ToolHost(output, error),
            new CancellationToken(canceled: true));

        Assert.Equal(ExitCodes.Cancelled, code);
        Assert.Empty(output.ToString());
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(vendor.File(), "stopped*"));
    }
}
