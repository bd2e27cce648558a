namespace Coffer.Inference;

/// <summary>
/// How concurrent calls are collected into one run (<see cref="BatchingRunner"/>). Immutable; edit with <c>with</c>.
/// </summary>
public sealed record BatchingOptions
{
    /// <summary>The defaults: 16 rows, 10 milliseconds.</summary>
    public static BatchingOptions Default { get; } = new();

    /// <summary>
    /// The most rows of one run: the sum of its calls' first dimensions. Default 16; at least 1. A full batch runs at once. A call
    /// that has more rows by itself runs alone.
    /// </summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>
    /// The longest that a call waits for company. It only waits while another run is under way: on an idle runner a call runs at
    /// once, and the calls that come meanwhile run together as soon as that run ends, or, if it takes longer than this, beside it.
    /// Default 10 milliseconds; zero for no waiting, hence no batching; <see cref="Timeout.InfiniteTimeSpan"/> for until the run ends.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The names of the graphs whose calls are collected. Default null: of every graph that allows it. Name them where another
    /// graph of the model carries a state from run to run, which a batched one can't.
    /// </summary>
    public IReadOnlyList<string>? Graphs { get; init; }

    /// <summary>What tells the time of <see cref="MaxDelay"/>. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Clock);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatch, 1);
        if (MaxDelay != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(MaxDelay, TimeSpan.Zero);
            // The longest that a timer takes.
            ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDelay, TimeSpan.FromDays(49));
        }
    }
}
