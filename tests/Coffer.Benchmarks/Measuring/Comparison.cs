namespace Coffer.Benchmarks;

/// <summary>Contenders that do the same work, measured in turns: A B A B. The first is the peer that the others are compared with.</summary>
internal sealed record Comparison(IReadOnlyList<Contender> Contenders)
{
    public IReadOnlyList<Measurement> Run(Rounds rounds)
    {
        for (var round = 0; round < rounds.WarmUp; round++)
        {
            _ = Round();
        }

        Sample[][] samples = [.. Enumerable.Range(0, rounds.Measured).Select(_ => Round())];
        var peer = Column(samples, 0);
        return
        [
            Measurement.OfPeer(Contenders[0].Name, peer),
            .. Enumerable.Range(1, Contenders.Count - 1).Select(i => Measurement.Against(peer, Contenders[i].Name, Column(samples, i))),
        ];
    }

    private Sample[] Round() => [.. Contenders.Select(contender => contender.Measure())];

    private static Sample[] Column(Sample[][] samples, int contender) => Array.ConvertAll(samples, round => round[contender]);
}
