using Coffer.Bundles;
using Coffer.Onnx;
using Coffer.Packaging;
using Coffer.Tests.Onnx;

namespace Coffer.Benchmarks;

/// <summary>
/// What the license check and the runner add to a call, against RunWithBinding on tensors that are bound once. Both sides copy
/// the input in and look at the output; one thread, so that a pool's mood is not measured.
/// </summary>
internal static class RunBenchmark
{
    // A quota that no run uses up; blocks of it are leased as in any other.
    private const long Quota = 1L << 40;

    private static readonly ExecutionOptions OneThread = new() { IntraOpThreads = 1 };

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        var identity = workplace.File("identity.onnx");
        await File.WriteAllBytesAsync(identity, TinyModel.Identity(TinyModel.FloatType, 1, 4));
        using var tiny = await PackAsync(workplace, identity, "identity", calls: null);
        var rows = Compare("call a graph of one node", identity, tiny, [1, 4], scale.Rounds, scale.Calls);

        using var digits = await PackAsync(workplace, SampleModel.Digits.Onnx, "digits-tensors", calls: null);
        _ = Compare("call digits", SampleModel.Digits.Onnx, digits, [1, 3, 32, 32], scale.Rounds, Math.Max(scale.Calls / 50, 1));

        using var counted = await PackAsync(workplace, identity, "counted", Quota);
        CompareBegin(tiny, counted, scale);
        const string What = "license check and runner around a call of one node";
        return [Bar.Longer(What, rows[0], rows[1], TimeSpan.FromMicroseconds(1)), Bar.Allocates(What, rows[1], bytes: 0)];
    }

    private static IReadOnlyList<Measurement> Compare(string title, string onnx, LicensedBundle bundle, long[] shape, Rounds rounds, int calls)
    {
        using var plain = new BoundSession(onnx, shape);
        using var licensed = new LicensedRunner(bundle, OneThread);
        var signature = licensed.Runner.Describe(licensed.Graph);
        var (input, output) = (signature.Inputs[0].Name, signature.Outputs[0].Name);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        var comparison = new Comparison(
        [
            new Contender("ONNX Runtime, `RunWithBinding`", () => plain.Run(values), calls),
            new Contender("Coffer, license check and runner", Run, calls),
        ]);
        var rows = comparison.Run(rounds);
        MarkdownTable.Print(title, rows);
        return rows;

        void Run()
        {
            using var entitled = licensed.Entitlement.Begin(licensed.Task, ExecutionTarget.Local);
            using var call = licensed.Runner.Rent(licensed.Graph);
            values.CopyTo(call.Input<float>(input, shape));
            call.Run();
            _ = call.Output<float>(output)[0];
        }
    }

    private static void CompareBegin(LicensedBundle unlimited, LicensedBundle counted, Scale scale)
    {
        using var free = new LicensedRunner(unlimited, OneThread);
        using var quota = new LicensedRunner(counted, OneThread);
        var comparison = new Comparison(
        [
            new Contender("without a quota", () => Begin(free), scale.Calls * 10),
            new Contender("with a quota, leasing blocks on disk", () => Begin(quota), scale.Calls),
        ]);
        MarkdownTable.Print("`Entitlement.Begin`", comparison.Run(scale.Rounds));

        static void Begin(LicensedRunner runner) => runner.Entitlement.Begin(runner.Task, ExecutionTarget.Local).Dispose();
    }

    private static Task<LicensedBundle> PackAsync(Workplace workplace, string onnx, string name, long? calls) =>
        workplace.PackAsync(onnx, new PackOptions { Name = name, Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors }, calls);
}
