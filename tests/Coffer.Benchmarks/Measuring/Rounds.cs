namespace Coffer.Benchmarks;

/// <summary>How often every contender of a comparison has its turn.</summary>
/// <param name="WarmUp">Turns that don't count.</param>
/// <param name="Measured">Turns that do; 7 or more for numbers that mean something.</param>
internal readonly record struct Rounds(int WarmUp, int Measured);
