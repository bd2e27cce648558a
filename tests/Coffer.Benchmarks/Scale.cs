namespace Coffer.Benchmarks;

/// <summary>How much is measured.</summary>
internal sealed record Scale
{
    public static Scale Full { get; } = new()
    {
        Rounds = new Rounds(WarmUp: 5, Measured: 21),
        LargeRounds = new Rounds(WarmUp: 1, Measured: 9),
        Calls = 20_000,
        LargeModels = [new LargeModel(edge: 8192, layers: 4), new LargeModel(edge: 8192, layers: 12)],
    };

    /// <summary>Shows in seconds that everything runs; the numbers mean nothing.</summary>
    public static Scale Quick { get; } = new()
    {
        Rounds = new Rounds(WarmUp: 1, Measured: 3),
        LargeRounds = new Rounds(WarmUp: 0, Measured: 1),
        Calls = 100,
        LargeModels = [new LargeModel(edge: 1024, layers: 4)],
    };

    public required Rounds Rounds { get; init; }

    /// <summary>For the large models, and for processes.</summary>
    public required Rounds LargeRounds { get; init; }

    /// <summary>Calls for one sample where a call takes microseconds.</summary>
    public required int Calls { get; init; }

    /// <summary>1 GiB and 3 GiB, more than the 2 GiB that a protobuf may have.</summary>
    public required IReadOnlyList<LargeModel> LargeModels { get; init; }
}
