namespace Coffer.Benchmarks;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">As the table names it.</param>
/// <param name="Measure">Does the work and says what it took.</param>
internal sealed record Contender(string Name, Func<Sample> Measure)
{
    /// <summary>Work that is too short for the clock is done several times for one sample.</summary>
    public Contender(string name, Action call, int calls = 1)
        : this(name, () => Sample.Measure(calls, call))
    {
    }
}
