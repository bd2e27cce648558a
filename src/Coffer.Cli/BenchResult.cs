using Coffer.Inference;

namespace Coffer.Cli;

/// <summary>What <c>coffer bench</c> measured.</summary>
/// <param name="Latencies">Of every call, in milliseconds, least first; at least one.</param>
/// <param name="Elapsed">From the first call's start to the last one's end.</param>
/// <param name="ExecutionProvider">What it ran on.</param>
/// <param name="Fallback">Why not on what was asked for first; null if it did.</param>
/// <param name="ResidentBytes">This process's memory after the last call.</param>
/// <param name="PeakBytes">The most that it ever was, opening included.</param>
internal sealed record BenchResult(double[] Latencies, TimeSpan Elapsed, string ExecutionProvider, Fallback? Fallback, long ResidentBytes, long PeakBytes)
{
    public double Mean => Latencies.Average();

    /// <summary>The least latency that so many percent of the calls did not exceed (the nearest rank), in milliseconds.</summary>
    public double Percentile(double percent) => Latencies[Math.Max((int)Math.Ceiling(percent / 100 * Latencies.Length), 1) - 1];
}
