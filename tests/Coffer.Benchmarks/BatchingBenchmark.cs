using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Packaging;

namespace Coffer.Benchmarks;

/// <summary>
/// 32 threads with and without <see cref="BatchingRunner"/>, on a model where batching pays: four matrix products with 2048 x 2048
/// weights. A run of one row reads 64 MiB, more than a cache holds, for 34 MFLOP, so memory sets its speed; a run of 16 rows reads them once.
/// </summary>
internal static class BatchingBenchmark
{
    private const int Threads = 32;
    private const int Edge = 2048;
    private const string What = "throughput of 32 threads in batches, 64 MiB of weights";

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        var onnx = workplace.File("products.onnx");
        new LargeModel(Edge, layers: 4).WriteInline(onnx);
        using var bundle = await workplace.PackAsync(onnx, new PackOptions { Name = "products", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors });
        // Without batches both ways that make sense: each run on its caller's thread, and each on all cores.
        using var single = new LicensedRunner(bundle, new() { IntraOpThreads = 1 });
        using var wide = new LicensedRunner(bundle, ExecutionOptions.Default);
        using var collected = new LicensedRunner(bundle, ExecutionOptions.Default);
        using var batching = new BatchingRunner(collected.Runner);
        var (input, output) = (single.Runner.Describe(single.Graph).Inputs[0].Name, single.Runner.Describe(single.Graph).Outputs[0].Name);
        var values = new float[Edge];
        values.AsSpan().Fill(0.5f);
        long[] shape = [1, Edge];
        RequireEqual(Run(single, single.Runner), Run(collected, batching));

        var calls = Math.Max(scale.Calls / 1000, 4);
        (string Name, LicensedRunner Licensed, IModelRunner Runner, Crowd Crowd)[] ways =
        [
            ("each call its own run, on its thread", single, single.Runner, new Crowd(Threads, calls)),
            ("each call its own run, on all cores", wide, wide.Runner, new Crowd(Threads, calls)),
            ("in batches of up to 16, on all cores", collected, batching, new Crowd(Threads, calls)),
        ];
        var columns = Comparison.Sample([.. ways.Select(way => new Contender(way.Name, () => way.Crowd.Measure(_ => Run(way.Licensed, way.Runner))))], scale.Rounds);
        var rows = Comparison.Against(columns, peer: 0);
        MarkdownTable.Print("a call of four products, 32 threads at once: time over calls", rows);
        PrintLatencies("32 threads", ways.Select(way => (way.Name, way.Crowd.Latencies)));

        (string Name, LicensedRunner Licensed, IModelRunner Runner, Crowd Crowd)[] alone = [.. ways.Select(way => way with { Crowd = new Crowd(1, calls * 4) })];
        _ = Comparison.Sample([.. alone.Select(way => new Contender(way.Name, () => way.Crowd.Measure(_ => Run(way.Licensed, way.Runner))))], scale.Rounds);
        PrintLatencies("nobody else", alone.Select(way => (way.Name, way.Crowd.Latencies)));

        // Against the faster of the two.
        var peer = rows[1].Ratio!.Value.Median < 1 ? 1 : 0;
        var against = Comparison.Against(columns, peer);
        return [Bar.AtLeast(What, against[peer], against[2], 1.5)];

        float Run(LicensedRunner licensed, IModelRunner runner)
        {
            using var entitled = licensed.Entitlement.Begin(licensed.Task, ExecutionTarget.Local);
            using var call = runner.Rent(licensed.Graph);
            values.CopyTo(call.Input<float>(input, shape));
            call.Run();
            return call.Output<float>(output)[0];
        }
    }

    private static void PrintLatencies(string who, IEnumerable<(string Name, List<double> Latencies)> ways)
    {
        Console.WriteLine();
        Console.WriteLine($"| latency of a call of four products, {who} | p50 | p99 |");
        Console.WriteLine("|---|---|---|");
        foreach (var (name, latencies) in ways)
        {
            Console.WriteLine($"| {name} | {MarkdownTable.Time(Crowd.Percentile(latencies, 50))} | {MarkdownTable.Time(Crowd.Percentile(latencies, 99))} |");
        }
    }

    private static void RequireEqual(float alone, float batched)
    {
        if (Math.Abs(alone - batched) > 1e-5f)
        {
            throw new InvalidOperationException($"A call gives {alone} alone and {batched} through the batcher: they do not do the same work.");
        }
    }
}
