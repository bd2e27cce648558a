using System.Diagnostics.CodeAnalysis;
using Coffer.Bundles;
using Polly;
using Polly.Hedging;
using Polly.Retry;

namespace Coffer.Inference;

/// <summary>
/// The endpoints. From outside in: a timeout over all, retries, a hedge or a switch to another endpoint, and for each endpoint its breaker
/// and a timeout for one request.
/// </summary>
internal sealed class CloudSide<TPredictor, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T> : HybridSide<TPredictor, T>
    where TPredictor : class, IDisposable
{
    private static readonly ResiliencePropertyKey<HybridCall<TPredictor, T>> CallKey = new("coffer.call");

    // Polly's bound.
    private const int MostHedges = 10;

    private readonly CloudEndpoint<TPredictor, T>[] _endpoints;
    private readonly ResiliencePipeline<T> _pipeline;

    public CloudSide(IReadOnlyList<HybridLeg<TPredictor>> legs, HybridOptions options)
    {
        _endpoints = [.. legs.Select(leg => new CloudEndpoint<TPredictor, T>(leg, options))];
        var builder = new ResiliencePipelineBuilder<T> { TimeProvider = options.Clock }.AddTimeout(options.TotalTimeout);
        if (options.Retries > 0)
        {
            builder.AddRetry(Retry(options));
        }

        if (_endpoints.Length > 1)
        {
            builder.AddHedging(Hedge(options));
        }

        _pipeline = builder.Build();
    }

    public override ExecutionTarget Target => ExecutionTarget.Remote;

    public override string Name => _endpoints.Length == 1 ? _endpoints[0].Name : "endpoints";

    public IReadOnlyList<EndpointState> States => [.. _endpoints.Select(endpoint => endpoint.State)];

    public override async ValueTask<T> RunAsync(ResilienceContext context, HybridCall<TPredictor, T> call)
    {
        Array.ForEach(_endpoints, endpoint => endpoint.StartProbe());
        context.Properties.Set(CallKey, call);
        return await _pipeline.ExecuteAsync(static (context, side) => side.AskAsync(context), context, this).ConfigureAwait(false);
    }

    public override LegOutcome Judge(Exception failure) => FallbackPolicy.OnEndpoint(failure);

    public override void Dispose() => Array.ForEach(_endpoints, endpoint => endpoint.Dispose());

    private static RetryStrategyOptions<T> Retry(HybridOptions options) => new()
    {
        MaxRetryAttempts = options.Retries,
        Delay = options.RetryDelay,
        MaxDelay = options.MaxRetryDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is { } failure && FallbackPolicy.IsWorthRetrying(failure, options.MaxRetryDelay)),
        DelayGenerator = static args => ValueTask.FromResult(FallbackPolicy.RetryAfter(args.Outcome.Exception)),
    };

    private HedgingStrategyOptions<T> Hedge(HybridOptions options) => new()
    {
        MaxHedgedAttempts = Math.Min(_endpoints.Length - 1, MostHedges),
        Delay = options.HedgeAfter ?? Timeout.InfiniteTimeSpan,
        ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Exception is { } failure && FallbackPolicy.Moves(FallbackPolicy.OnEndpoint(failure))),
    };

    private ValueTask<T> AskAsync(ResilienceContext context)
    {
        var call = context.Properties.GetValue(CallKey, null!);
        var endpoint = call.Choose(_endpoints, Choose);
        call.LastEndpoint = endpoint.Name;
        return endpoint.RunAsync(context, call);
    }

    // Smooth weighted round robin: over a while each gets its share, and never many in a row.
    private CloudEndpoint<TPredictor, T> Choose(IReadOnlyList<CloudEndpoint<TPredictor, T>> left)
    {
        lock (_endpoints)
        {
            List<CloudEndpoint<TPredictor, T>> candidates = [.. left.Where(endpoint => endpoint.IsAvailable)];
            if (candidates.Count == 0)
            {
                candidates.AddRange(left);
            }

            candidates.ForEach(endpoint => endpoint.Credit += endpoint.Weight);
            var chosen = candidates.MaxBy(endpoint => endpoint.Credit)!;
            chosen.Credit -= candidates.Sum(endpoint => endpoint.Weight);
            return chosen;
        }
    }
}
