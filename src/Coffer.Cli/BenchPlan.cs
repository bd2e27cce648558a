namespace Coffer.Cli;

/// <summary>How much <c>coffer bench</c> measures.</summary>
/// <param name="Calls">So many calls; null for as many as come in the time.</param>
/// <param name="Time">So long; null for without end. One of both is given.</param>
/// <param name="WarmUp">Calls that come before and don't count; at least 1.</param>
/// <param name="Concurrency">How many calls are under way at once.</param>
internal sealed record BenchPlan(long? Calls, TimeSpan? Time, int WarmUp, int Concurrency);
