using System.Diagnostics;

namespace Coffer.Benchmarks;

/// <summary>Threads that call the same thing at once, and how long each of their calls took.</summary>
/// <param name="threads">How many.</param>
/// <param name="calls">How many calls each of them makes for one sample.</param>
internal sealed class Crowd(int threads, int calls)
{
    private readonly double[] _latencies = new double[threads * calls];

    /// <summary>Of the calls of the last samples, in nanoseconds.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>One sample: from the moment when all threads are there to the last one's end, for each call.</summary>
    /// <param name="call">Makes a call; gets the thread's number.</param>
    public Sample Measure(Action<int> call)
    {
        using var start = new Barrier(threads + 1);
        Exception? failure = null;
        var crowd = Enumerable.Range(0, threads).Select(thread => new Thread(() => Call(thread))).ToList();
        crowd.ForEach(thread => thread.Start());
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        start.SignalAndWait();
        var started = Stopwatch.GetTimestamp();
        crowd.ForEach(thread => thread.Join());
        var elapsed = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        var bytes = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Latencies.AddRange(_latencies);
        return failure is null ? new Sample(elapsed / _latencies.Length, (double)bytes / _latencies.Length) : throw failure;

        void Call(int thread)
        {
            start.SignalAndWait();
            try
            {
                for (var i = 0; i < calls; i++)
                {
                    var before = Stopwatch.GetTimestamp();
                    call(thread);
                    _latencies[(thread * calls) + i] = Stopwatch.GetElapsedTime(before).TotalNanoseconds;
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
    }

    /// <summary>The least latency that so many percent of the calls did not exceed.</summary>
    public static double Percentile(List<double> latencies, double percent)
    {
        double[] sorted = [.. latencies.Order()];
        return sorted[Math.Max((int)Math.Ceiling(percent / 100 * sorted.Length), 1) - 1];
    }
}
