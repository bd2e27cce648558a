using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer;

/// <summary>Holds a predictor to the license: every call is charged to the entitlement before any work.</summary>
internal sealed class EntitledContext(CurrentEntitlement entitlement, string task, string modelDigest, SemaphoreSlim slots, TimeProvider time)
    : PredictorContext(task, modelDigest, slots, time)
{
    public override string? Watermark => entitlement.Value.Watermark;

    protected override EntitledCall Charge(ExecutionTarget target, int units) => entitlement.Begin(Task, target, units);
}
