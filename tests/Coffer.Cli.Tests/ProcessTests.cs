using System.Diagnostics;

namespace Coffer.Cli.Tests;

/// <summary>What only a process of its own shows: the native library that it loads, and how it reads its console.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task OrtLibrary_MissingFile_IsDevice()
    {
        using var folder = new TemporaryFolder();

        var run = (await StartAsync("doctor", "--ort-library", folder.File("no-such-library.so"))).FailsWith(ExitCodes.Device);

        Assert.Contains("no-such-library.so", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OrtLibrary_AnotherFile_IsTheOneInUse()
    {
        using var folder = new TemporaryFolder();
        var library = (await StartAsync("doctor", "--json", "--keys", folder.Path)).Succeeds().Json.GetProperty("onnxRuntime").GetProperty("library").GetString()!;
        var copy = folder.File(Path.GetFileName(library));
        File.Copy(library, copy);

        var json = (await StartAsync("doctor", "--json", "--keys", folder.Path, "--ort-library", copy)).Succeeds().Json;

        Assert.Equal(copy, json.GetProperty("onnxRuntime").GetProperty("library").GetString());
    }

    [Fact]
    public async Task Main_Redirected_WritesUtf8WithoutEscapes()
    {
        using var folder = new TemporaryFolder();

        var run = (await StartAsync("keys", "init", folder.File("Schlüssel"), "--publisher", "acme")).Succeeds();

        Assert.Contains("Schlüssel", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', run.Out);
    }

    private static Task<ToolRun> StartAsync(params string[] arguments) => StartAsync("Coffer.Cli", arguments);

    /// <summary>Runs a program of this repository in a process of its own.</summary>
    internal static async Task<ToolRun> StartAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            StandardErrorEncoding = System.Text.Encoding.UTF8,
        };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ToolRun(process.ExitCode, await output, await error);
    }
}
