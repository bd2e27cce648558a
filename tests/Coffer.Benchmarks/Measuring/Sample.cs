using System.Diagnostics;

namespace Coffer.Benchmarks;

/// <summary>What one call took: the mean of the calls that were measured together.</summary>
/// <param name="Nanoseconds">Wall time.</param>
/// <param name="Bytes">Managed memory that was allocated, on all threads.</param>
internal readonly record struct Sample(double Nanoseconds, double Bytes)
{
    public static Sample Measure(int calls, Action call)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            call();
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        return new Sample(elapsed.TotalNanoseconds / calls, (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / calls);
    }
}
