using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Coffer.Inference;

/// <summary>One endpoint: its predictor, its circuit breaker, and what its probe last said. Thread-safe.</summary>
internal sealed class CloudEndpoint<TPredictor, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T> : IDisposable
    where TPredictor : class, IDisposable
{
    private readonly HybridLeg<TPredictor> _leg;
    private readonly HybridOptions _options;
    private readonly LegPredictor<TPredictor> _predictor;
    private readonly ResiliencePipeline<T> _pipeline;
    private readonly CancellationTokenSource _closing = new();
    private long _openUntil;
    private long _probedAt;
    private int _probing;
    private volatile bool _isReady = true;
    private volatile bool _isOpen;
    private bool _wasProbed;

    public CloudEndpoint(HybridLeg<TPredictor> leg, HybridOptions options)
    {
        _leg = leg;
        _options = options;
        Name = leg.ShownName(isRemote: true);
        ArgumentOutOfRangeException.ThrowIfLessThan(leg.Weight, 1, nameof(leg.Weight));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leg.Weight, 1000, nameof(leg.Weight));
        _predictor = new LegPredictor<TPredictor>(leg, options.Clock, TimeSpan.Zero);
        _pipeline = new ResiliencePipelineBuilder<T> { TimeProvider = options.Clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<T>
            {
                FailureRatio = 0.5,
                MinimumThroughput = options.BreakerThroughput,
                SamplingDuration = options.BreakerWindow,
                BreakDuration = options.BreakDuration,
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is { } failure && FallbackPolicy.IsTransient(FallbackPolicy.OnEndpoint(failure))),
                OnOpened = args => Opened(args.BreakDuration),
                OnHalfOpened = _ => Changed("half-open"),
                OnClosed = _ => Closed(),
            })
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }

    public string Name { get; }

    public int Weight => _leg.Weight;

    /// <summary>What the weighted choice keeps from one choice to the next; guarded by whoever chooses.</summary>
    public int Credit { get; set; }

    public EndpointState State => new(Name, _isReady, IsOpen);

    public bool IsAvailable => _isReady && !IsOpen;

    // Polly leaves an open circuit only when a call comes: one whose time is over must get one.
    private bool IsOpen => _isOpen && _options.Clock.GetTimestamp() < Volatile.Read(ref _openUntil);

    public ValueTask<T> RunAsync(ResilienceContext context, HybridCall<TPredictor, T> call) => _pipeline.ExecuteAsync(
        static async (context, state) => await state.call.TryAsync(state._predictor, context.CancellationToken).ConfigureAwait(false), context, (call, _predictor));

    /// <summary>Asks the endpoint how it is, in the background, unless that is known.</summary>
    public void StartProbe()
    {
        if (_leg.Probe is not null
            && (!_wasProbed || _options.Clock.GetElapsedTime(Volatile.Read(ref _probedAt)) >= _options.ProbeInterval)
            && Interlocked.Exchange(ref _probing, 1) == 0)
        {
            _ = Task.Run(ProbeAsync);
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _predictor.Dispose();
    }

    private async Task ProbeAsync()
    {
        var ready = false;
        try
        {
            _leg.RequireLicense();
            using var timeout = new CancellationTokenSource(_options.AttemptTimeout, _options.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
            ready = await _leg.Probe!(either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A probe that throws says no, whatever it throws.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _options.Logger.LogDebug(e, "The probe of {Endpoint} failed", Name);
        }

        if (ready != _isReady)
        {
            _options.Logger.Log(ready ? LogLevel.Information : LogLevel.Warning, "{Endpoint} says that it is {State}", Name, ready ? "ready" : "not ready");
        }

        _isReady = ready;
        Volatile.Write(ref _probedAt, _options.Clock.GetTimestamp());
        _wasProbed = true;
        Volatile.Write(ref _probing, 0);
    }

    private ValueTask Opened(TimeSpan duration)
    {
        Volatile.Write(ref _openUntil, _options.Clock.GetTimestamp() + (long)(duration.TotalSeconds * _options.Clock.TimestampFrequency));
        _isOpen = true;
        _options.Logger.LogWarning("{Endpoint} failed too often and is left alone for {Duration}", Name, duration);
        return Changed("open");
    }

    private ValueTask Closed()
    {
        _isOpen = false;
        _options.Logger.LogInformation("{Endpoint} answers again", Name);
        return Changed("closed");
    }

    private ValueTask Changed(string state)
    {
        CofferDiagnostics.CircuitChanges.Add(1, new TagList { { "server.address", Name }, { "coffer.circuit.state", state } });
        return ValueTask.CompletedTask;
    }
}
