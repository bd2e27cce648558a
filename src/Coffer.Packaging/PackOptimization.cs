namespace Coffer.Packaging;

/// <summary>
/// How far the packer has ONNX Runtime rewrite a graph, so that opening the bundle doesn't. Both levels are neutral to
/// hardware: memory layouts, which a processor chooses for itself, are left to the opening.
/// </summary>
public enum PackOptimization
{
    /// <summary>Not at all: the graph runs as it was exported, and is rewritten whenever it is opened.</summary>
    None,

    /// <summary>Constants are folded, and what does nothing is removed. Every execution provider can still make its own fusions.</summary>
    Basic,

    /// <summary>
    /// Nodes are fused as well, for the processor, into operators of ONNX Runtime's own domain <c>com.microsoft</c>
    /// (<see cref="PackedGraphReport.RuntimeOperators"/>). Opening on the processor then skips what is done. Other runtimes don't
    /// know those operators, and of the other execution providers not all: their nodes fall to the processor.
    /// </summary>
    Extended,
}
