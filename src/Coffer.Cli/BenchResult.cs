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
    /// <summary>What a model that writes texts wrote; null for any other.</summary>
    public Written? Generated { get; init; }

    public double Mean => Latencies.Average();

    /// <summary>The least latency that so many percent of the calls did not exceed (the nearest rank), in milliseconds.</summary>
    public double Percentile(double percent) => Rank(Latencies, percent);

    private static double Rank(double[] ordered, double percent) => ordered[Math.Max((int)Math.Ceiling(percent / 100 * ordered.Length), 1) - 1];

    /// <param name="Tokens">Of all calls.</param>
    /// <param name="FirstTokens">From the model's first run to the first token, of every call, in milliseconds, least first; empty where a search knows none before the end.</param>
    internal sealed record Written(long Tokens, double[] FirstTokens)
    {
        /// <inheritdoc cref="BenchResult.Percentile"/>
        public double Percentile(double percent) => Rank(FirstTokens, percent);
    }
}
