using Coffer.Bundles;
using Coffer.Onnx;
using Coffer.Packaging;

namespace Coffer.Benchmarks;

/// <summary>
/// 32 threads through one runner and one license, against a raw session with tensors bound once for each thread, and against one
/// raw session that all share. Every run uses one thread, the caller's: with more callers than cores there is nothing to share out.
/// </summary>
internal static class ConcurrencyBenchmark
{
    private const int Threads = 32;
    private const string What = "throughput of 32 threads through one runner, digits";

    private static readonly ExecutionOptions OneThread = new() { IntraOpThreads = 1 };

    public static async Task<IReadOnlyList<Bar>> RunAsync(Workplace workplace, Scale scale)
    {
        using var bundle = await workplace.PackAsync(
            SampleModel.Digits.Onnx, new PackOptions { Name = "digits-crowd", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors });
        using var licensed = new LicensedRunner(bundle, OneThread);
        long[] shape = [1, 3, 32, 32];
        var values = new float[3 * 32 * 32];
        BoundSession[] sessions = [.. Enumerable.Range(0, Threads).Select(_ => new BoundSession(SampleModel.Digits.Onnx, shape))];
        BoundSession[] sharing = [new BoundSession(SampleModel.Digits.Onnx, shape)];
        sharing = [sharing[0], .. Enumerable.Range(1, Threads - 1).Select(_ => sharing[0].Share(shape))];
        try
        {
            var calls = Math.Max(scale.Calls / 200, 4);
            var (raw, shared, own) = (new Crowd(Threads, calls), new Crowd(Threads, calls), new Crowd(Threads, calls));
            var columns = Comparison.Sample(
                [
                    new Contender("ONNX Runtime, 32 sessions", () => raw.Measure(thread => sessions[thread].Run(values))),
                    new Contender("ONNX Runtime, one session", () => shared.Measure(thread => sharing[thread].Run(values))),
                    new Contender("Coffer, one runner and one license", () => own.Measure(_ => Call())),
                ],
                scale.Rounds);
            var rows = Comparison.Against(columns, peer: 0);
            MarkdownTable.Print("a call of digits, 32 threads at once: time over calls", rows);
            var sharedRows = Comparison.Against(columns, peer: 1);
            return
            [
                Bar.AtLeast(What, rows[0], rows[2], 0.95),
                Bar.AtLeast(What, sharedRows[1], sharedRows[2], 0.95),
            ];
        }
        finally
        {
            Array.ForEach(sessions, session => session.Dispose());
            Array.ForEach([.. sharing.Reverse()], session => session.Dispose());
        }

        void Call()
        {
            using var entitled = licensed.Entitlement.Begin(licensed.Task, ExecutionTarget.Local);
            using var call = licensed.Runner.Rent(licensed.Graph);
            values.CopyTo(call.Input<float>("pixel_values", shape));
            call.Run();
            _ = call.Output<float>("logits")[0];
        }
    }
}
