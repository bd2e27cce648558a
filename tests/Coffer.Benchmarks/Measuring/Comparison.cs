namespace Coffer.Benchmarks;

/// <summary>Contenders that do the same work, measured in turns: A B A B. The first is the peer that the others are compared with.</summary>
internal sealed record Comparison(IReadOnlyList<Contender> Contenders)
{
    public IReadOnlyList<Measurement> Run(Rounds rounds) => Against(Sample(Contenders, rounds), peer: 0);

    /// <summary>The measured rounds, for comparisons with more than one peer.</summary>
    public static IReadOnlyList<(string Name, Sample[] Samples)> Sample(IReadOnlyList<Contender> contenders, Rounds rounds)
    {
        for (var round = 0; round < rounds.WarmUp; round++)
        {
            _ = Round(contenders);
        }

        Sample[][] samples = [.. Enumerable.Range(0, rounds.Measured).Select(_ => Round(contenders))];
        return [.. contenders.Select((contender, i) => (contender.Name, Array.ConvertAll(samples, round => round[i])))];
    }

    /// <summary>Everybody compared with one of them.</summary>
    public static IReadOnlyList<Measurement> Against(IReadOnlyList<(string Name, Sample[] Samples)> columns, int peer) =>
        [.. columns.Select((column, i) => i == peer ? Measurement.OfPeer(column.Name, column.Samples) : Measurement.Against(columns[peer].Samples, column.Name, column.Samples))];

    private static Sample[] Round(IReadOnlyList<Contender> contenders) => [.. contenders.Select(contender => contender.Measure())];
}
