using System.Diagnostics;
using System.Globalization;

namespace Coffer.Benchmarks;

/// <summary>
/// From the start of a process to its first prediction: a picture's file, a bundle and a license. The application is
/// samples/EdgeApp, as Native AOT and compiled at run time; the peer an application that runs the plain model without Coffer, compiled at run time.
/// </summary>
internal static class ColdBenchmark
{
    private const string Peer = "Coffer.Benchmarks.RawOrt";
    private const string Application = "EdgeApp";

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        const string What = "cold process to first prediction, digits";
        var sample = SampleModel.Digits;
        using var bundle = await sample.PackAsync(workplace);
        var device = PlaceDevice(workplace, bundle);
        string[] forApplication = [device, sample.Picture];
        string[] forPeer =
        [
            sample.Onnx,
            sample.Input,
            sample.Output,
            .. new[] { sample.Edge, sample.Mean.Average(), sample.Deviation.Average() }.Select(number => number.ToString(CultureInfo.InvariantCulture)),
            sample.Picture,
        ];
        var (peer, application) = (Executable("tests", Peer), Executable("samples", Application));
        if (Publish(workplace) is not { } native)
        {
            return
            [
                Bar.NotMeasured($"{What}, Native AOT", "the same, JIT", "<= 0.65x", "Native AOT can't be published here"),
                Bar.NotMeasured($"{What}, Native AOT", "ONNX Runtime without Coffer, JIT", "<= 1.00x", "Native AOT can't be published here"),
            ];
        }

        Require("7", Run(peer, forPeer));
        Require("seven", Run(application, forApplication));
        Require("seven", Run(native, forApplication));
        var samples = Comparison.Sample(
        [
            new Contender("ONNX Runtime without Coffer, JIT", () => _ = Run(peer, forPeer)),
            new Contender("Coffer, JIT", () => _ = Run(application, forApplication)),
            new Contender("Coffer, Native AOT", () => _ = Run(native, forApplication)),
        ],
            scale.Rounds);
        MarkdownTable.Print(What, Comparison.Against(samples, peer: 0));
        var (againstPeer, againstJit) = (Comparison.Against(samples, peer: 0), Comparison.Against(samples, peer: 1));
        return
        [
            Bar.AtMost($"{What}, Native AOT", againstJit[1], againstJit[2], 0.65),
            Bar.AtMost($"{What}, Native AOT", againstPeer[0], againstPeer[2], 1.0),
        ];
    }

    // What an installer would put there.
    private static string PlaceDevice(Workplace workplace, LicensedBundle bundle)
    {
        var device = Directory.CreateDirectory(workplace.File("device")).FullName;
        File.Copy(bundle.Path, Path.Combine(device, "model.coffer"), overwrite: true);
        File.Copy(LicensedBundle.LicenseOf(bundle.Path), Path.Combine(device, "model.license"), overwrite: true);
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(workplace.Keys.DeviceKeyPath)!, "device.*"))
        {
            File.Copy(file, Path.Combine(device, Path.GetFileName(file)), overwrite: true);
        }

        foreach (var file in Directory.GetFiles(workplace.Keys.TrustPath, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(device, "trust", Path.GetRelativePath(workplace.Keys.TrustPath, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        return device;
    }

    /// <summary>The executable; null, and what the tools said, where they fail: Native AOT needs a linker.</summary>
    private static string? Publish(Workplace workplace)
    {
        var folder = workplace.File("aot");
        string[] arguments = ["publish", Repository.Folder("samples", Application), "--configuration", "Release", "--use-current-runtime", "--output", folder, "--nologo", "--verbosity", "quiet"];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
        {
            return Path.Combine(folder, Application + Suffix);
        }

        Console.WriteLine();
        Console.WriteLine($"Skipped: Native AOT. 'dotnet {string.Join(' ', arguments)}' failed: {output}");
        return null;
    }

    private static string Suffix => OperatingSystem.IsWindows() ? ".exe" : "";

    // Built together with this project, in the same configuration.
    private static string Executable(string folder, string project) => AppContext.BaseDirectory.Replace(
        Path.Combine("tests", typeof(ColdBenchmark).Namespace!) + Path.DirectorySeparatorChar,
        Path.Combine(folder, project) + Path.DirectorySeparatorChar,
        StringComparison.Ordinal) + project + Suffix;

    private static string Run(string executable, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"'{executable}' ended with {process.ExitCode}.");
    }

    private static void Require(string expected, string output)
    {
        if (!output.StartsWith(expected, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"A contender answers '{output.Trim()}' and not '{expected}': they do not do the same work.");
        }
    }
}
