using System.Globalization;
using Coffer.Bundles;
using Coffer.Packaging;
using Coffer.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Coffer.Benchmarks;

/// <summary>Opening an encrypted, signed, licensed bundle, against a session of ONNX Runtime, with its default options, on the plain file.</summary>
internal static class OpenBenchmark
{
    private const int MiB = 1 << 20;
    private const int GiB = 1 << 30;

    private const string Inline = "ONNX Runtime, plain file, weights inline";
    private const string External = "ONNX Runtime, plain files, weights external";
    private const string Direct = "Coffer, `WeightLoading.Direct`";
    private const string Prepacked = "Coffer, `WeightLoading.Prepacked`";

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        List<Bar> bars = [];
        using var digits = await SampleModel.Digits.PackAsync(workplace);
        _ = await CompareSampleAsync(workplace, SampleModel.Digits, digits, scale);
        if (SampleModel.MobileNet("opening mobilenetv2") is { } mobileNet)
        {
            using var bundle = await mobileNet.PackAsync(workplace);
            bars.AddRange(await CompareSampleAsync(workplace, mobileNet, bundle, scale));
        }

        bars.AddRange(await RunGeneratedAsync(workplace, scale));
        foreach (var model in scale.LargeModels)
        {
            bars.AddRange(await RunLargeAsync(workplace, digits, model, scale));
        }

        return bars;
    }

    private static async Task<Bar[]> CompareSampleAsync(Workplace workplace, SampleModel model, LicensedBundle bundle, Scale scale)
    {
        using var basic = await model.PackAsync(workplace, PackOptimization.Basic);
        using var extended = await model.PackAsync(workplace, PackOptimization.Extended);
        CompareFirstRun(model, bundle, scale);
        return CompareSmall(
            model.Name,
            model.Onnx,
            scale,
            ("Coffer", bundle),
            ("Coffer, packed with `--optimize basic`", basic),
            ("Coffer, packed with `--optimize extended`", extended));
    }

    /// <summary>Opening and one call on zeros, in processes that are warm.</summary>
    private static void CompareFirstRun(SampleModel model, LicensedBundle bundle, Scale scale)
    {
        long[] shape = [1, 3, model.Edge, model.Edge];
        var zeros = new float[3 * model.Edge * model.Edge];
        using var node = NodePeer.Obstacle is null ? NodePeer.ForOpening(model) : null;
        if (node is null)
        {
            Console.WriteLine();
            Console.WriteLine($"Skipped: onnxruntime-node. It is {NodePeer.Obstacle}.");
        }

        _ = Print(
            $"open {model.Name} and run it once",
            scale.Rounds,
            [
                new Contender("ONNX Runtime, plain file", () => Sample.Measure(1, () =>
                {
                    using var session = new InferenceSession(model.Onnx);
                    using var input = OrtValue.CreateTensorValueFromMemory(zeros, shape);
                    using var run = new RunOptions();
                    session.Run(run, [model.Input], [input], [model.Output]).Dispose();
                })),
                new Contender("Coffer", () => Sample.Measure(1, () =>
                {
                    using var opened = bundle.Open();
                    using var predictor = opened.CreateTensorPredictor();
                    _ = predictor.Predict(new Dictionary<string, Tensor> { [model.Input] = Tensor.Create(zeros, shape) });
                })),
                .. node is null ? Array.Empty<Contender>() : [new Contender("onnxruntime-node, plain file", () => new Sample(node.Ask("")[0], 0))],
            ]);
    }

    private static Bar[] CompareSmall(string name, string onnx, Scale scale, params IReadOnlyList<(string Name, LicensedBundle Bundle)> bundles)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"open {name}, {new FileInfo(onnx).Length / (double)MiB:F1} MiB");
        var rows = Print(
            title,
            scale.Rounds,
            [Opening("ONNX Runtime, plain file", () => new InferenceSession(onnx)), .. bundles.Select(bundle => Opening(bundle.Name, () => bundle.Bundle.Open()))]);
        return [.. bundles.Select((bundle, i) => Bar.AtMost(title + bundle.Name["Coffer".Length..], rows[0], rows[i + 1], 1.25))];
    }

    private static async Task<Bar[]> RunGeneratedAsync(Workplace workplace, Scale scale)
    {
        var plain = workplace.File("five.onnx");
        LargeModel.OfSize(mebibytes: 5).WriteInline(plain);
        using var bundle = await workplace.PackAsync(plain, Options("five"));
        return CompareSmall("five matrices", plain, scale, ("Coffer", bundle));
    }

    private static async Task<IReadOnlyList<Bar>> RunLargeAsync(Workplace workplace, LicensedBundle small, LargeModel model, Scale scale)
    {
        var size = model.Length % GiB == 0 ? $"{model.Length / GiB} GiB" : $"{model.Length / MiB} MiB";
        var (open, peak) = ($"open {size}, `Direct`", $"peak memory of opening {size}, `Direct`, over its size");
        if (FindShortage(model, workplace) is { } shortage)
        {
            return
            [
                .. model.FitsInline ? [Bar.NotMeasured(open, Inline, "<= 0.35x", shortage)] : Array.Empty<Bar>(),
                Bar.NotMeasured(open, External, "<= 1.00x", shortage),
                Bar.NotMeasured(peak, "", "<= 1.10x", shortage),
            ];
        }

        var (plain, external, weights) = (workplace.File("inline.onnx"), workplace.File("external.onnx"), workplace.File("external.weights"));
        model.WriteExternal(external, weights);
        if (model.FitsInline)
        {
            model.WriteInline(plain);
        }

        using var bundle = await workplace.PackAsync(external, Options("large"));
        List<(string Name, string Way, string File)> ways =
        [
            .. model.FitsInline ? [(Inline, PeakMemory.Plain, plain)] : Array.Empty<(string, string, string)>(),
            (External, PeakMemory.Plain, external),
            (Direct, PeakMemory.Direct, bundle.Path),
            // Twice the memory, for nothing that a bar asks.
            .. model.FitsInline ? [(Prepacked, PeakMemory.Prepacked, bundle.Path)] : Array.Empty<(string, string, string)>(),
        ];
        // The peer of the table is the first; each bar's own peer needs a comparison that begins with it.
        var samples = Comparison.Sample(ways.ConvertAll(way => Opening(way.Name, () => PeakMemory.Open(way.Way, way.File))), scale.LargeRounds);
        MarkdownTable.Print($"open {size} of weights", Comparison.Against(samples, 0));
        List<Bar> bars = [];
        foreach (var (peer, bound) in new[] { (Inline, 0.35), (External, 1.0) })
        {
            var index = ways.FindIndex(way => way.Name == peer);
            if (index >= 0)
            {
                var rows = Comparison.Against(samples, index);
                bars.Add(Bar.AtMost(open, rows[index], rows[ways.FindIndex(way => way.Name == Direct)], bound));
            }
        }

        bars.AddRange(MeasurePeak(size, peak, model, small, ways, scale));
        foreach (var file in new[] { plain, external, weights, bundle.Path })
        {
            File.Delete(file);
        }

        return bars;
    }

    private static IReadOnlyList<Bar> MeasurePeak(string size, string what, LargeModel model, LicensedBundle small, List<(string Name, string Way, string File)> ways, Scale scale)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [Bar.NotMeasured(what, "", "<= 1.10x", "only Linux tells it")];
        }

        var peaks = PeakMemory.Measure(
            $"peak memory of opening {size}",
            model.Length,
            scale.LargeRounds,
            ways.ConvertAll(way => (way.Name, way.Way, way.Way == PeakMemory.Plain ? SampleModel.Digits.Onnx : small.Path, way.File)));
        var (peer, own) = (peaks[0], peaks[ways.FindIndex(way => way.Name == Direct)]);
        return [Bar.AtMost(what, ways[0].Name, MarkdownTable.Number(peer) + "x", MarkdownTable.Number(own) + "x", own, 1.10)];
    }

    // Two plain copies, the bundle, and one more while something is written; in memory, the most that any way of opening takes.
    private static string? FindShortage(LargeModel model, Workplace workplace)
    {
        GC.Collect();
        var memory = GC.GetGCMemoryInfo();
        var free = memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes;
        var needed = (model.FitsInline ? 4 : 3) * model.Length;
        if (workplace.FreeBytes > needed && free > needed)
        {
            return null;
        }

        var shortage = $"skipped: it takes {needed / MiB} MiB of disk and of memory; {workplace.FreeBytes / MiB} and {free / MiB} are free";
        Console.WriteLine();
        Console.WriteLine($"Opening {model.Length / MiB} MiB of weights is {shortage}.");
        return shortage;
    }

    private static PackOptions Options(string name) => new() { Name = name, Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors, Proof = null };

    private static Contender Opening(string name, Func<IDisposable> open) => new(name, () =>
    {
        IDisposable? opened = null;
        var sample = Sample.Measure(1, () => opened = open());
        opened?.Dispose();
        return sample;
    });

    private static IReadOnlyList<Measurement> Print(string title, Rounds rounds, params IReadOnlyList<Contender> contenders)
    {
        var rows = new Comparison(contenders).Run(rounds);
        MarkdownTable.Print(title, rows);
        return rows;
    }
}
