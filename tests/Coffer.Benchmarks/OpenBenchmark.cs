using System.Globalization;
using Coffer.Bundles;
using Coffer.Onnx;
using Coffer.Packaging;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Benchmarks;

/// <summary>Opening an encrypted, signed, licensed bundle, against a session of ONNX Runtime, with its default options, on the plain file.</summary>
internal static class OpenBenchmark
{
    private const int MiB = 1 << 20;

    public static async Task RunAsync(Workplace workplace, Scale scale)
    {
        using var digits = await SampleModel.Digits.PackAsync(workplace);
        RunSmall(SampleModel.Digits, digits, scale);
        if (SampleModel.MobileNet("opening mobilenetv2") is { } mobileNet)
        {
            using var bundle = await mobileNet.PackAsync(workplace);
            RunSmall(mobileNet, bundle, scale);
        }

        await RunLargeAsync(workplace, digits, scale);
    }

    private static void RunSmall(SampleModel model, LicensedBundle bundle, Scale scale)
    {
        var length = new FileInfo(model.Onnx).Length / (double)MiB;
        Print(
            string.Create(CultureInfo.InvariantCulture, $"open {model.Name}, {length:F1} MiB"),
            scale.Rounds,
            Opening("ONNX Runtime, plain file", () => new InferenceSession(model.Onnx)),
            Opening("Coffer", () => bundle.Open()));
    }

    private static async Task RunLargeAsync(Workplace workplace, LicensedBundle small, Scale scale)
    {
        var model = new LargeModel(scale.LargeEdge);
        var what = string.Create(CultureInfo.InvariantCulture, $"{model.Length / MiB} MiB of weights");
        if (!HasRoomFor(model, workplace, what))
        {
            return;
        }

        var (plain, external) = (workplace.File("inline.onnx"), workplace.File("external.onnx"));
        model.WriteInline(plain);
        model.WriteExternal(external, workplace.File("external.weights"));
        var options = new PackOptions { Name = "large", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors, Proof = null };
        using var bundle = await workplace.PackAsync(plain, options);
        Print(
            $"open {what}",
            scale.LargeRounds,
            Opening("ONNX Runtime, plain file, weights inline", () => new InferenceSession(plain)),
            Opening("ONNX Runtime, plain files, weights external", () => new InferenceSession(external)),
            Opening("Coffer, `WeightLoading.Direct`", () => bundle.Open(new() { WeightLoading = WeightLoading.Direct })),
            Opening("Coffer, `WeightLoading.Prepacked`", () => bundle.Open(new() { WeightLoading = WeightLoading.Prepacked })));

        PeakMemory.Print(
            what,
            model.Length,
            ("ONNX Runtime, plain file, weights inline", PeakMemory.Plain, SampleModel.Digits.Onnx, plain),
            ("ONNX Runtime, plain files, weights external", PeakMemory.Plain, SampleModel.Digits.Onnx, external),
            ("Coffer, `WeightLoading.Direct`", PeakMemory.Direct, small.Path, bundle.Path),
            ("Coffer, `WeightLoading.Prepacked`", PeakMemory.Prepacked, small.Path, bundle.Path));
    }

    // Two plain copies, the bundle, and one more while something is written; in memory, the most that any way of opening takes.
    private static bool HasRoomFor(LargeModel model, Workplace workplace, string what)
    {
        GC.Collect();
        var memory = GC.GetGCMemoryInfo();
        var free = memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes;
        if (workplace.FreeBytes > 4 * model.Length && free > 4 * model.Length)
        {
            return true;
        }

        Console.WriteLine();
        Console.WriteLine($"Skipped: opening {what}. It takes {4 * model.Length / MiB} MiB of disk and of memory, and {workplace.FreeBytes / MiB} and {free / MiB} are free.");
        return false;
    }

    private static Contender Opening(string name, Func<IDisposable> open) => new(name, () =>
    {
        IDisposable? opened = null;
        var sample = Sample.Measure(1, () => opened = open());
        opened?.Dispose();
        return sample;
    });

    private static void Print(string title, Rounds rounds, params IReadOnlyList<Contender> contenders) =>
        MarkdownTable.Print(title, new Comparison(contenders).Run(rounds));
}
