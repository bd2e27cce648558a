using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Coffer.Bundles;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Fallback;
using Polly.Timeout;

namespace Coffer.Inference;

/// <summary>Runs calls on the side that the mode prefers, and on the other where <see cref="FallbackPolicy"/> says so.</summary>
internal sealed class HybridEngine<TPredictor, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T> : IDisposable
    where TPredictor : class, IDisposable
{
    private static readonly ResiliencePropertyKey<HybridCall<TPredictor, T>> CallKey = new("coffer.hybrid");

    private readonly HybridOptions _options;
    private readonly DeviceSide<TPredictor, T>? _device;
    private readonly CloudSide<TPredictor, T>? _cloud;
    private readonly HybridSide<TPredictor, T> _first;
    private readonly HybridSide<TPredictor, T>? _second;
    private readonly ResiliencePipeline<T> _pipeline;
    private volatile bool _disposed;

    public HybridEngine(HybridLeg<TPredictor>? onDevice, IReadOnlyList<HybridLeg<TPredictor>> inCloud, HybridOptions options)
    {
        options.Validate();
        _options = options;
        _device = onDevice is not null && options.Mode != InferenceMode.OnlyInCloud ? new DeviceSide<TPredictor, T>(onDevice, options) : null;
        _cloud = inCloud.Count > 0 && options.Mode != InferenceMode.OnlyOnDevice ? new CloudSide<TPredictor, T>(inCloud, options) : null;
        HybridSide<TPredictor, T>?[] order = options.Mode is InferenceMode.PreferOnDevice or InferenceMode.OnlyOnDevice ? [_device, _cloud] : [_cloud, _device];
        _first = order[0] ?? order[1] ?? throw new ArgumentException($"{options.Mode} needs a predictor {(options.Mode == InferenceMode.OnlyInCloud ? "on an endpoint" : "on this device")}, and none was given.");
        _second = ReferenceEquals(_first, order[1]) ? null : order[1];
        var builder = new ResiliencePipelineBuilder<T> { TimeProvider = options.Clock };
        if (_second is not null)
        {
            builder.AddFallback(new FallbackStrategyOptions<T>
            {
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is not null && Moves(args.Context)),
                FallbackAction = args => FallBackAsync(args.Context),
            });
        }

        _pipeline = builder.Build();
    }

    public IReadOnlyList<EndpointState> Endpoints => _cloud?.States ?? [];

    /// <exception cref="HybridException">No side answered, and none refused.</exception>
    public async Task<T> RunAsync(HybridCall<TPredictor, T> call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        call.Caller.ThrowIfCancellationRequested();
        using var activity = CofferDiagnostics.Source.StartActivity("coffer.hybrid");
        activity?.SetTag("coffer.mode", _options.Mode.ToString());
        var context = ResilienceContextPool.Shared.Get(call.Caller);
        context.Properties.Set(CallKey, call);
        try
        {
            return await _pipeline.ExecuteAsync(static (context, engine) => RunAsync(engine._first, context), context, this).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            call.Caller.ThrowIfCancellationRequested();
            if (Said(e, call.Journal.Legs) is { } said)
            {
                throw said;
            }

            throw;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _device?.Dispose();
        _cloud?.Dispose();
    }

    private async ValueTask<Outcome<T>> FallBackAsync(ResilienceContext context)
    {
        var left = context.Properties.GetValue(CallKey, null!).Journal.Legs[^1];
        _options.Logger.LogWarning("A call moves from {From} to {To}: {Outcome}, {Error}", left.Name, _second!.Name, left.Outcome, left.Error);
        CofferDiagnostics.Fallbacks.Add(1, new TagList { { "coffer.from", Word(_first.Target) }, { "coffer.to", Word(_second.Target) }, { "error.type", left.Outcome.ToString() } });
        try
        {
            return Outcome.FromResult(await RunAsync(_second, context).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Polly's outcomes carry what was thrown; RunAsync throws it again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Outcome.FromException<T>(e);
        }
    }

    private static async ValueTask<T> RunAsync(HybridSide<TPredictor, T> side, ResilienceContext context)
    {
        var call = context.Properties.GetValue(CallKey, null!);
        call.Journal.Begin(side.Name);
        using var activity = CofferDiagnostics.Source.StartActivity("coffer.leg");
        try
        {
            var result = await side.RunAsync(context, call).ConfigureAwait(false);
            End(side, call, LegOutcome.Answered, null, activity);
            return result;
        }
        catch (Exception e)
        {
            End(side, call, call.Caller.IsCancellationRequested ? LegOutcome.Failed : side.Judge(e), e, activity);
            throw;
        }
    }

    private static void End(HybridSide<TPredictor, T> side, HybridCall<TPredictor, T> call, LegOutcome outcome, Exception? failure, Activity? activity)
    {
        var leg = call.Journal.End(side.Target, side.Target == ExecutionTarget.Remote ? call.LastEndpoint : null, outcome, failure);
        var tags = new TagList { { "coffer.target", Word(side.Target) }, { "coffer.outcome", outcome.ToString() } };
        if (side.Target == ExecutionTarget.Remote)
        {
            tags.Add("server.address", leg.Name);
        }

        CofferDiagnostics.LegDuration.Record(leg.Duration.TotalSeconds, tags);
        foreach (var (key, value) in tags)
        {
            activity?.SetTag(key, value);
        }

        activity?.SetTag("coffer.attempts", leg.Attempts);
        if (failure is not null)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
        }
    }

    private static bool Moves(ResilienceContext context) =>
        context.Properties.GetValue(CallKey, null!).Journal.Legs is [.., var leg] && FallbackPolicy.Moves(leg.Outcome);

    // What Polly throws, and two failures, are said in Coffer's terms; everything else as it was thrown.
    private static HybridException? Said(Exception failure, IReadOnlyList<PredictionLeg> legs) => legs switch
    {
        [.., { Outcome: LegOutcome.Failed }] => null,
        [var first, var second] => new HybridException(HybridError.BothFailed, $"{first.Name} failed ({first.Outcome}: {first.Error}), and so did {second.Name} ({second.Outcome}: {second.Error}). Try again when one of them is back.", legs, failure),
        [{ Outcome: LegOutcome.DeadlinePassed } leg] => new HybridException(HybridError.DeviceTimedOut, $"{leg.Name} did not answer within the device's time. Give it more in {nameof(HybridOptions)}.{nameof(HybridOptions.DeviceTimeout)}, or an endpoint to fall back to.", legs, failure),
        [{ Outcome: LegOutcome.CircuitOpen } leg] => new HybridException(HybridError.CircuitOpen, $"{leg.Name} failed too often and is left alone for now. Try again later; {nameof(HybridOptions)}.{nameof(HybridOptions.BreakDuration)} says how long.", legs, failure),
        [{ Outcome: LegOutcome.TimedOut } leg] when failure is TimeoutRejectedException or OperationCanceledException or TimeoutException => new HybridException(HybridError.EndpointTimedOut, $"{leg.Name} did not answer in time. Try again, or give it more in {nameof(HybridOptions)}.{nameof(HybridOptions.AttemptTimeout)} and {nameof(HybridOptions.TotalTimeout)}.", legs, failure),
        _ => null,
    };

    private static string Word(ExecutionTarget target) => target == ExecutionTarget.Local ? "local" : "remote";
}
