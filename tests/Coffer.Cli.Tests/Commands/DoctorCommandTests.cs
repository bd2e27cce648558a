namespace Coffer.Cli.Tests.Commands;

public sealed class DoctorCommandTests
{
    [Fact]
    public async Task Doctor_PlugInThatIsNotThere_SaysSoAndIsSound()
    {
        using var folder = new TemporaryFolder();
        var library = folder.File("libabsent.so");

        var run = (await ToolRun.OfAsync("doctor", "--keys", folder.Path, "--plug-in", $"Absent={library}")).Succeeds();

        Assert.Contains("Absent", run.Out, StringComparison.Ordinal);
        Assert.Contains("missing", run.Out, StringComparison.Ordinal);
        Assert.Contains("There is no file", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CPU=lib.so")]
    [InlineData("lib.so")]
    public async Task Doctor_PlugInWithoutAName_IsAUsageError(string plugIn) =>
        (await ToolRun.OfAsync("doctor", "--plug-in", plugIn)).FailsWith(ExitCodes.Usage);

    [Fact]
    public async Task Doctor_ThisMachine_FindsRuntimeDecoderAndKeyStore()
    {
        using var folder = new TemporaryFolder();

        var run = (await ToolRun.OfAsync("doctor", "--keys", folder.Path)).Succeeds();

        Assert.Contains("ONNX Runtime", run.Out, StringComparison.Ordinal);
        Assert.Contains("Skia", run.Out, StringComparison.Ordinal);
        Assert.Matches(@"CPU +found", run.Out);
        Assert.Matches(@"CUDA +(found|missing +\S.*\.)", run.Out);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Doctor_Json_GivesEveryMissingProviderAReason()
    {
        using var folder = new TemporaryFolder();

        var json = (await ToolRun.OfAsync("doctor", "--json", "--keys", folder.Path)).Succeeds().Json;

        Assert.True(json.GetProperty("sound").GetBoolean());
        Assert.NotEmpty(json.GetProperty("onnxRuntime").GetProperty("version").GetString()!);
        Assert.NotEmpty(json.GetProperty("pictures").GetProperty("version").GetString()!);
        Assert.NotEmpty(json.GetProperty("cpuFeatures").EnumerateObject());
        var providers = json.GetProperty("onnxRuntime").GetProperty("providers").EnumerateArray().ToList();
        Assert.Contains(providers, provider => provider.GetProperty("name").GetString() == "CPU" && provider.GetProperty("available").GetBoolean());
        Assert.All(providers.Where(provider => !provider.GetProperty("available").GetBoolean()), provider => Assert.NotEmpty(provider.GetProperty("reason").GetString()!));
    }

    [Fact]
    public async Task Doctor_FolderThatIsNotThere_ReportsAndFails()
    {
        using var folder = new TemporaryFolder();

        var run = await ToolRun.OfAsync("doctor", "--json", "--keys", folder.File("nowhere"));

        Assert.Equal(OperatingSystem.IsWindows() ? ExitCodes.Ok : ExitCodes.Device, run.ExitCode);
        Assert.Equal(OperatingSystem.IsWindows(), run.Json.GetProperty("sound").GetBoolean());
    }
}
