using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coffer.Inference;

/// <summary>When a hybrid predictor tries again, gives up, or goes elsewhere. Immutable; change a copy with <c>with</c>.</summary>
public sealed record HybridOptions
{
    /// <summary>Where calls run. Default <see cref="InferenceMode.PreferOnDevice"/>.</summary>
    public InferenceMode Mode { get; init; } = InferenceMode.PreferOnDevice;

    /// <summary>How long the device may take for a call, loading the model included. Default null: as long as it takes.</summary>
    public TimeSpan? DeviceTimeout { get; init; }

    /// <summary>
    /// How long a device that could not make its predictor (<see cref="HybridLeg{TPredictor}"/>) is left alone before the next call tries
    /// that again. Default 30 s.
    /// </summary>
    public TimeSpan DeviceRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one request to an endpoint may take; of a stream, to its first item. Default 10 s. Cloud endpoints allow 60 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long all requests of a call may take together, waits included. Default 20 s.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a request that failed on the way is made again. Default 2; 0 to 10.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>The wait before the first retry; it doubles, with jitter. Default 200 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait before a retry. An endpoint that asks for more is not asked again in this call. Default 5 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long without an answer a second endpoint is asked too, where there are several; the first answer counts. One that fails
    /// is followed by another at once. Default 2 s; null never asks two at a time.
    /// </summary>
    public TimeSpan? HedgeAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Of how many requests within <see cref="BreakerWindow"/> half must fail for an endpoint to be left alone. Default 5; 2 or more.</summary>
    public int BreakerThroughput { get; init; } = 5;

    /// <summary>Over which time failures are counted. Default 30 s; half a second or more.</summary>
    public TimeSpan BreakerWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an endpoint is left alone; then one call tries it, and its answer opens the way again. Default 15 s; half a second or more.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How old the answer of an endpoint's probe may be (<see cref="HybridLeg{TPredictor}.Probe"/>). Calls start the probes and don't wait for them, so
    /// that a predictor that isn't used sends nothing. Default 15 s.
    /// </summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What tells the time. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Hears of fallbacks, and of endpoints that go and come back; never of an input. Default: nobody.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal static HybridOptions Default { get; } = new();

    internal void Validate()
    {
        if (!Enum.IsDefined(Mode))
        {
            throw new ArgumentOutOfRangeException(nameof(Mode));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(Retries);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Retries, MostRetries);
        ArgumentOutOfRangeException.ThrowIfLessThan(BreakerThroughput, 2);
        Require(DeviceTimeout ?? Least, Least, nameof(DeviceTimeout));
        Require(DeviceRetryAfter, TimeSpan.Zero, nameof(DeviceRetryAfter));
        Require(AttemptTimeout, Least, nameof(AttemptTimeout));
        Require(TotalTimeout, Least, nameof(TotalTimeout));
        Require(RetryDelay, TimeSpan.Zero, nameof(RetryDelay));
        Require(MaxRetryDelay, TimeSpan.Zero, nameof(MaxRetryDelay));
        Require(HedgeAfter ?? Least, TimeSpan.Zero, nameof(HedgeAfter));
        Require(BreakerWindow, TimeSpan.FromSeconds(0.5), nameof(BreakerWindow));
        Require(BreakDuration, TimeSpan.FromSeconds(0.5), nameof(BreakDuration));
        Require(ProbeInterval, TimeSpan.Zero, nameof(ProbeInterval));
    }

    // Polly's own bounds: a timeout is 10 ms to a day, a breaker's times half a second to a day.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    // One call is charged for once, whatever it takes: so what it may take has an end.
    private const int MostRetries = 10;

    private static void Require(TimeSpan value, TimeSpan least, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Most, name);
    }
}
