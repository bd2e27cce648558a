using Coffer.Bundles;
using Polly;

namespace Coffer.Inference;

/// <summary>This device: one attempt, within its deadline.</summary>
internal sealed class DeviceSide<TPredictor, T> : HybridSide<TPredictor, T>
    where TPredictor : class, IDisposable
{
    private readonly LegPredictor<TPredictor> _predictor;
    private readonly ResiliencePipeline<T> _pipeline;

    public DeviceSide(HybridLeg<TPredictor> leg, HybridOptions options)
    {
        Name = leg.ShownName(isRemote: false);
        _predictor = new LegPredictor<TPredictor>(leg, options.Clock, options.DeviceRetryAfter);
        var builder = new ResiliencePipelineBuilder<T> { TimeProvider = options.Clock };
        _pipeline = (options.DeviceTimeout is { } timeout ? builder.AddTimeout(timeout) : builder).Build();
    }

    public override ExecutionTarget Target => ExecutionTarget.Local;

    public override string Name { get; }

    public override ValueTask<T> RunAsync(ResilienceContext context, HybridCall<TPredictor, T> call) => _pipeline.ExecuteAsync(
        static async (context, state) => await state.call.TryAsync(state._predictor, context.CancellationToken).ConfigureAwait(false), context, (call, _predictor));

    public override LegOutcome Judge(Exception failure) => FallbackPolicy.OnDevice(failure);

    public override void Dispose() => _predictor.Dispose();
}
