using System.Diagnostics;
using System.Text;

namespace Coffer.Cli.Tests;

/// <summary>
/// The whole run in processes of their own, each with a temporary and a working folder of its own, traced: neither a content key nor a piece of
/// the weights is in what they print, in any file that they leave, or in anything that they write on the way.
/// </summary>
public sealed class LeakTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Main_WholeRunUnderStrace_WritesNoPlaintext()
    {
        if (!OperatingSystem.IsLinux() || !Find("strace"))
        {
            Repository.Require("strace is not installed");
            return;
        }

        var (keys, bundle, license) = (_folder.File("work", "keys"), _folder.File("work", "digits.coffer"), _folder.File("work", "digits.license"));
        Directory.CreateDirectory(_folder.File("work"));
        Directory.CreateDirectory(_folder.File("temporary"));
        var traced = new List<(string Trace, string Output)>
        {
            await TraceAsync("keys", "init", keys, "--publisher", "acme"),
            await TraceAsync("pack", Vendor.Digits, "--task", "image-classification", "--id", "digits", "--version", "1.0.0", "--keys", keys, "-o", bundle),
            await TraceAsync("license", "issue", bundle, "--keys", keys, "--device", Path.Combine(keys, "device.jwk"), "-o", license),
            await TraceAsync("run", bundle, "--trust", Path.Combine(keys, "trust"), "--license", license, "--device", Path.Combine(keys, "device.key"), Vendor.Picture("seven.png")),
        };
        Assert.Contains("seven", traced[^1].Output, StringComparison.Ordinal);
        var secrets = new Secrets(keys, Path.Combine(Vendor.Digits, "model.onnx"));

        foreach (var (trace, output) in traced)
        {
            secrets.AssertAbsent("what was printed", output);
            AssertWritesNone(secrets, trace);
        }

        secrets.AssertAbsentBelow(_folder.File("work"));
        secrets.AssertAbsentBelow(_folder.File("temporary"));

        // A test that sees nothing proves nothing: the bundle itself was written, and its first bytes are in the trace.
        Assert.Contains(Hex("digits.coffer"u8), traced[1].Trace, StringComparison.Ordinal);
        Assert.Contains(Hex([0x89, .. "CFR"u8]), traced[1].Trace, StringComparison.Ordinal);
    }

    // Whatever was written through a system call, to a file that is there or is gone; and what files opened for writing hold now.
    private static void AssertWritesNone(Secrets secrets, string trace)
    {
        foreach (var (what, pattern) in secrets.Patterns)
        {
            Assert.False(trace.Contains(Hex(pattern), StringComparison.Ordinal), $"{what} was written.");
        }

        foreach (var line in trace.Split('\n').Where(line => line.Contains("openat(", StringComparison.Ordinal) && (line.Contains("O_WRONLY", StringComparison.Ordinal) || line.Contains("O_RDWR", StringComparison.Ordinal))))
        {
            var quoted = line.Split('"');
            var path = quoted.Length > 1 ? Encoding.UTF8.GetString(Convert.FromHexString(quoted[1].Replace("\\x", "", StringComparison.Ordinal))) : "";
            if (File.Exists(path) && !path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/proc/", StringComparison.Ordinal))
            {
                secrets.AssertAbsent(path, File.ReadAllBytes(path));
            }
        }
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => string.Concat(Convert.ToHexStringLower(bytes).Chunk(2).Select(pair => "\\x" + new string(pair)));

    private async Task<(string Trace, string Output)> TraceAsync(params string[] arguments)
    {
        var log = _folder.File($"{Guid.NewGuid():N}.trace");
        var start = new ProcessStartInfo(
            "strace",
            ["-f", "--seccomp-bpf", "-xx", "-s", "1048576", "-y", "-o", log, "-e", "trace=open,openat,creat,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg", "dotnet", Path.Combine(AppContext.BaseDirectory, "Coffer.Cli.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.File("work"),
        };
        start.Environment["TMPDIR"] = _folder.File("temporary");
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return (await File.ReadAllTextAsync(log, Encoding.Latin1, TestContext.Current.CancellationToken), await output + await error);
    }

    private static bool Find(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));
}
