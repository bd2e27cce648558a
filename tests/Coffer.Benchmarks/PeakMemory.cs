using System.Diagnostics;
using System.Globalization;
using Coffer.Onnx;
using Coffer.Tests.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Benchmarks;

/// <summary>
/// The most memory that opening takes, over the model's size: what the resident set of a fresh process grows by, from a loaded
/// runtime to the peak (VmHWM of /proc/self/status).
/// </summary>
internal static class PeakMemory
{
    /// <summary>The verb that makes this program the child process.</summary>
    public const string Verb = "peak-memory";

    public const string Plain = "plain";
    public const string Direct = nameof(WeightLoading.Direct);
    public const string Prepacked = nameof(WeightLoading.Prepacked);

    public static void Print(string what, long modelLength, params IReadOnlyList<(string Name, string Way, string Path)> ways)
    {
        Console.WriteLine();
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine($"Skipped: peak memory of opening {what}. Only Linux tells it.");
            return;
        }

        Console.WriteLine($"| peak memory of opening {what} | over the model's size |");
        Console.WriteLine("|---|---|");
        foreach (var (name, way, path) in ways)
        {
            Console.WriteLine($"| {name} | **{MarkdownTable.Number(MeasureInChild(way, path) / (double)modelLength)}x** |");
        }
    }

    /// <summary>The child: opens the model and prints by how many bytes the peak lies above the start.</summary>
    public static void RunChild(string way, string path)
    {
        using var runtime = new InferenceSession(TinyModel.Identity(TinyModel.FloatType, 1));
        var before = ReadStatus("VmRSS:");
        using var opened = way == Plain
            ? (IDisposable)new InferenceSession(path)
            : LicensedBundle.Load(path, Workplace.KeysBeside(path)).Open(new() { WeightLoading = Enum.Parse<WeightLoading>(way) });
        Console.WriteLine(ReadStatus("VmHWM:") - before);
    }

    private static long MeasureInChild(string way, string path)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Verb, way, path]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? long.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The process that measures memory ended with {child.ExitCode}.");
    }

    // proc(5): "VmHWM:     12345 kB"
    private static long ReadStatus(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..^"kB".Length], CultureInfo.InvariantCulture) << 10;
    }
}
