using System.Collections.Concurrent;
using System.Diagnostics;

namespace Coffer.Cli;

/// <summary>Calls a predictor over and over, from as many sides as asked, and looks at the clock around each call.</summary>
internal static class BenchRun
{
    public static async Task<BenchResult> MeasureAsync(BenchPlan plan, BenchLoad load, CancellationToken cancellationToken)
    {
        var last = await load.CallAsync(cancellationToken);
        for (var i = 1; i < plan.WarmUp; i++)
        {
            last = await load.CallAsync(cancellationToken);
        }

        var latencies = new ConcurrentBag<List<double>>();
        var written = new ConcurrentBag<List<BenchGeneration>>();
        var left = plan.Calls ?? long.MaxValue;
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var started = Stopwatch.GetTimestamp();
        // Threads of their own: a caller that waits for the pool would measure the pool.
        await Task.WhenAll(Enumerable.Range(0, plan.Concurrency).Select(_ =>
            Task.Factory.StartNew(CallAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));
        var elapsed = Stopwatch.GetElapsedTime(started);

        using var process = Process.GetCurrentProcess();
        return new BenchResult([.. latencies.SelectMany(own => own).Order()], elapsed, last.ExecutionProvider, last.Fallback, process.WorkingSet64, process.PeakWorkingSet64) { Generated = Sum([.. written.SelectMany(own => own)]) };

        async Task CallAsync()
        {
            var own = new List<double>();
            latencies.Add(own);
            var texts = new List<BenchGeneration>();
            written.Add(texts);
            try
            {
                // At least one call each, however short the time.
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    var before = Stopwatch.GetTimestamp();
                    var call = await load.CallAsync(failed.Token).ConfigureAwait(false);
                    own.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                    if (call.Generated is { } generated)
                    {
                        texts.Add(generated);
                    }

                    if (plan.Time is { } time && Stopwatch.GetElapsedTime(started) >= time)
                    {
                        return;
                    }
                }
            }
            catch
            {
                // One refused call ends the measurement; the others need not go on to the end of the time.
                await failed.CancelAsync();
                throw;
            }
        }
    }
    private static BenchResult.Written? Sum(BenchGeneration[] texts) => texts.Length == 0 ? null
        : new BenchResult.Written(texts.Sum(text => text.Tokens), [.. texts.Where(text => text.TimeToFirst > TimeSpan.Zero).Select(text => text.TimeToFirst.TotalMilliseconds).Order()]);
}
