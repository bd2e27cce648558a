namespace Coffer.Benchmarks;

/// <summary>How much is measured.</summary>
internal sealed record Scale
{
    public static Scale Full { get; } = new()
    {
        Rounds = new Rounds(WarmUp: 5, Measured: 21),
        LargeRounds = new Rounds(WarmUp: 1, Measured: 9),
        Calls = 20_000,
        LargeEdge = 4096,
    };

    /// <summary>Shows in seconds that everything runs; the numbers mean nothing.</summary>
    public static Scale Quick { get; } = new()
    {
        Rounds = new Rounds(WarmUp: 1, Measured: 3),
        LargeRounds = new Rounds(WarmUp: 0, Measured: 1),
        Calls = 100,
        LargeEdge = 1024,
    };

    public required Rounds Rounds { get; init; }

    /// <summary>For the large model.</summary>
    public required Rounds LargeRounds { get; init; }

    /// <summary>Calls for one sample where a call takes microseconds.</summary>
    public required int Calls { get; init; }

    /// <summary>Of the large model's matrices: 4096 makes 256 MiB, 1024 makes 16 MiB.</summary>
    public required int LargeEdge { get; init; }
}
