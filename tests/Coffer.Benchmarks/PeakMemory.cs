using System.Diagnostics;
using System.Globalization;
using Coffer.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Benchmarks;

/// <summary>
/// The most memory that opening takes, over the model's size: what the resident set of a fresh process grows by, to its peak
/// (VmHWM of /proc/self/status).
/// </summary>
internal static class PeakMemory
{
    /// <summary>The verb that makes this program the child process.</summary>
    public const string Verb = "peak-memory";

    public const string Plain = "plain";
    public const string Direct = nameof(WeightLoading.Direct);
    public const string Prepacked = nameof(WeightLoading.Prepacked);

    /// <summary>The median of each way's peak over the model's size, each measured in processes of its own, in turns.</summary>
    public static double[] Measure(string title, long modelLength, Rounds rounds, IReadOnlyList<(string Name, string Way, string Small, string Large)> ways)
    {
        double[][] peaks = [.. Enumerable.Range(0, rounds.Measured).Select(_ => ways.Select(way => MeasureInChild(way.Way, way.Small, way.Large) / (double)modelLength).ToArray())];
        Spread[] columns = [.. ways.Select((_, i) => Spread.Of(peaks.Select(round => round[i])))];
        Console.WriteLine();
        Console.WriteLine($"| {title} | over the model's size (min–max) |");
        Console.WriteLine("|---|---|");
        foreach (var (way, peak) in ways.Zip(columns))
        {
            Console.WriteLine($"| {way.Name} | **{MarkdownTable.Number(peak.Median)}x** ({MarkdownTable.Number(peak.Min)}–{MarkdownTable.Number(peak.Max)}) |");
        }

        return Array.ConvertAll(columns, column => column.Median);
    }

    /// <summary>The child: opens a small model, so that everything is loaded, then the large one, and prints by how many bytes the peak lies above what there was between.</summary>
    public static void RunChild(string way, string small, string large)
    {
        Open(way, small).Dispose();
        var before = ReadStatus("VmRSS:");
        using var opened = Open(way, large);
        Console.WriteLine(ReadStatus("VmHWM:") - before);
    }

    /// <summary>Opens a plain file, or a bundle with the license and the keys that lie beside it.</summary>
    public static IDisposable Open(string way, string path)
    {
        if (way == Plain)
        {
            return new InferenceSession(path);
        }

        using var bundle = LicensedBundle.Load(path, Workplace.KeysBeside(path));
        return bundle.Open(new() { WeightLoading = Enum.Parse<WeightLoading>(way) });
    }

    private static long MeasureInChild(string way, string small, string large)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Verb, way, small, large]) { RedirectStandardOutput = true };
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
