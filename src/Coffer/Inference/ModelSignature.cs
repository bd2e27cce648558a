using Coffer.Bundles;

namespace Coffer.Inference;

/// <summary>What a graph takes and gives, and what its runner can do with it.</summary>
/// <param name="Graph">The graph's name.</param>
/// <param name="Inputs">In the graph's order.</param>
/// <param name="Outputs">In the graph's order.</param>
/// <param name="Capabilities">What the runner can do.</param>
/// <param name="Target">Where it runs.</param>
/// <param name="ExecutionProvider">What it runs on: an execution provider's name in ONNX Runtime's terms without the suffix
/// (<c>CPU</c>, <c>CUDA</c>), or the endpoint's protocol.</param>
/// <param name="Fallback">Why it doesn't run on what was asked for first; null if it does. Predictors pass it on in every result.</param>
public sealed record ModelSignature(
    string Graph,
    IReadOnlyList<TensorDescription> Inputs,
    IReadOnlyList<TensorDescription> Outputs,
    RunnerCapabilities Capabilities,
    ExecutionTarget Target,
    string ExecutionProvider,
    Fallback? Fallback = null);
