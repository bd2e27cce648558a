namespace Coffer.Cli.Tests.Commands;

public sealed class RunGenerationTests(Vendor vendor) : IClassFixture<Vendor>
{
    private const string Beginning = "Once upon a time";

    [Fact]
    public async Task Run_Prompt_WritesTheTextThatJsonHolds()
    {
        var text = (await RunAsync(Beginning, "--max-new-tokens", "30")).Succeeds().Out;
        var result = (await RunAsync(Beginning, "--max-new-tokens", "30", "--json")).Succeeds().Json.GetProperty("results")[0];

        Assert.StartsWith(", a little girl named Lily", text, StringComparison.Ordinal);
        Assert.Equal(text, result.GetProperty("text").GetString() + Environment.NewLine);
        Assert.Equal((6, 30, "length"), (result.GetProperty("promptTokens").GetInt32(), result.GetProperty("completionTokens").GetInt32(), result.GetProperty("finishReason").GetString()));
        Assert.Equal("CPU", result.GetProperty("executionProvider").GetString());
    }

    [Fact]
    public async Task Run_Temperature_RepeatsWithItsSeed()
    {
        string[] line = [Beginning, "--max-new-tokens", "30", "--temperature", "1.4", "--seed"];

        var first = (await RunAsync([.. line, "7"])).Succeeds().Out;

        Assert.Equal(first, (await RunAsync([.. line, "7"])).Succeeds().Out);
        Assert.NotEqual(first, (await RunAsync([.. line, "8"])).Succeeds().Out);
    }

    [Fact]
    public async Task Run_Beams_WritesTheBestAtTheEnd() =>
        Assert.NotEmpty((await RunAsync(Beginning, "--max-new-tokens", "10", "--beams", "3")).Succeeds().Out.Trim());

    [Fact]
    public async Task Run_UnsuitableNumbers_SayWhatTheyMustBe()
    {
        (await RunAsync(Beginning, "--temperature", "hot")).FailsWith(ExitCodes.Usage);
        (await RunAsync(Beginning, "--max-new-tokens", "0")).FailsWith(ExitCodes.Usage);
        var tooMany = await RunAsync(Beginning, "--max-new-tokens", "600");
        Assert.Equal(ExitCodes.Usage, tooMany.ExitCode);
        Assert.Contains("94 too few", tooMany.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Translation_TakesLanguages()
    {
        var (bundle, license) = await vendor.PackAsync(Repository.File("tests", "architectures", "decoders", "t5"), "translation", "t5");

        (await vendor.RunAsync(["Hello", "--to", "de", "--max-new-tokens", "5"], bundle: bundle, license: license)).Succeeds();
        var refused = await vendor.RunAsync(["Hello", "--to", "es"], bundle: bundle, license: license);

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("en to de", refused.Error, StringComparison.Ordinal);
    }

    private async Task<ToolRun> RunAsync(params string[] line)
    {
        var (bundle, license) = await vendor.PackAsync(Repository.Shared("models", "tinystories-656k"), "text-generation", "stories");
        return await vendor.RunAsync(line, bundle: bundle, license: license);
    }
}
