using Coffer.Bundles;
using Coffer.Inference;

namespace Coffer;

/// <summary>Holds a predictor to the license: every call is charged to the entitlement before any work.</summary>
/// <param name="entitlement">What is charged.</param>
/// <param name="task">What the predictor does.</param>
/// <param name="modelDigest">The digest of the bundle's manifest, lowercase hex.</param>
/// <param name="slots">As many as asynchronous calls may run at once.</param>
/// <param name="time">Measures durations.</param>
/// <param name="modelId">The bundle's full id.</param>
/// <param name="endpoint">What the license must say about the endpoint; null on this device.</param>
internal sealed class EntitledContext(CurrentEntitlement entitlement, string task, string modelDigest, SemaphoreSlim slots, TimeProvider time, string modelId, EndpointTerms? endpoint = null)
    : PredictorContext(task, modelDigest, slots, time)
{
    public override string? ModelId => modelId;

    public override string? Watermark => entitlement.Value.Watermark;

    protected override EntitledCall Charge(ExecutionTarget target, int units) =>
        CallFlow.Current is { } attempt ? attempt.Charge(entitlement, Task, target, units, endpoint) : entitlement.Begin(Task, target, units, endpoint);
}
