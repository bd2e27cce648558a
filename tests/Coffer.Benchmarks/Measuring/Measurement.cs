namespace Coffer.Benchmarks;

/// <summary>What one contender took, against the peer in the same rounds.</summary>
internal sealed record Measurement
{
    private Measurement(string name, Sample[] samples)
    {
        Name = name;
        Nanoseconds = Spread.Of(samples.Select(sample => sample.Nanoseconds));
        Bytes = Spread.Of(samples.Select(sample => sample.Bytes));
    }

    public string Name { get; }

    public Spread Nanoseconds { get; }

    public Spread Bytes { get; }

    /// <summary>Time over the peer's time, round by round, so that a machine that gets slower meanwhile slows both; null for the peer itself.</summary>
    public Spread? Ratio { get; private init; }

    /// <summary>Nanoseconds above the peer's, round by round; null for the peer itself.</summary>
    public Spread? Difference { get; private init; }

    public static Measurement OfPeer(string name, Sample[] samples) => new(name, samples);

    public static Measurement Against(Sample[] peer, string name, Sample[] samples) => new(name, samples)
    {
        Ratio = Spread.Of(samples.Zip(peer, (own, other) => own.Nanoseconds / other.Nanoseconds)),
        Difference = Spread.Of(samples.Zip(peer, (own, other) => own.Nanoseconds - other.Nanoseconds)),
    };
}
