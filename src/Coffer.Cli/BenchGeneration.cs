namespace Coffer.Cli;

/// <summary>What a call wrote.</summary>
/// <param name="Tokens">Of all its texts.</param>
/// <param name="TimeToFirst">From the model's first run to the first token; zero where a search knows none before the end.</param>
internal readonly record struct BenchGeneration(long Tokens, TimeSpan TimeToFirst);
