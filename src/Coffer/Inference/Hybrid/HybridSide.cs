using Coffer.Bundles;
using Polly;

namespace Coffer.Inference;

/// <summary>This device, or the endpoints: where a hybrid call may run.</summary>
internal abstract class HybridSide<TPredictor, T> : IDisposable
    where TPredictor : class, IDisposable
{
    public abstract ExecutionTarget Target { get; }

    public abstract string Name { get; }

    /// <summary>Runs the call with everything that the side tries by itself.</summary>
    public abstract ValueTask<T> RunAsync(ResilienceContext context, HybridCall<TPredictor, T> call);

    /// <summary>What a failure of <see cref="RunAsync"/> means.</summary>
    public abstract LegOutcome Judge(Exception failure);

    public abstract void Dispose();
}
