using Coffer.Bundles;

namespace Coffer.Packaging;

/// <summary>A graph as it goes into a bundle: the graph part, the weights part, and what was proved about them.</summary>
/// <param name="Name">The graph's name, for example <c>model</c> or <c>decoder_model</c>.</param>
/// <param name="Variant">For example <c>fp16</c>; null for the graph itself.</param>
/// <param name="Graph">ONNX protobuf whose large initializers refer to <see cref="WeightsPart.Location"/>.</param>
/// <param name="Weights">The initializers; empty when all are small.</param>
internal sealed record PackedGraph(string Name, string? Variant, byte[] Graph, WeightsPart Weights)
{
    /// <summary>What was compared with the original; null when the caller did without.</summary>
    public GraphProofReport? Proof { get; init; }

    /// <summary>How far it was rewritten.</summary>
    public PackOptimization Optimization { get; init; }

    /// <summary>Whether a processor could gain by laying its tensors out anew; known of optimised graphs.</summary>
    public bool HasConvolutions { get; init; }

    /// <summary>Operators of ONNX Runtime's own that the rewriting brought, for example <c>com.microsoft.FusedConv</c>.</summary>
    public IReadOnlyList<string> RuntimeOperators { get; init; } = [];

    /// <summary><c>name[@variant]</c>.</summary>
    public string FullName => Variant is null ? Name : $"{Name}@{Variant}";

    /// <summary><c>graphs/name[@variant]/graph</c> and, unless it is empty, <c>…/weights</c>.</summary>
    public IEnumerable<PartSource> ToParts()
    {
        var folder = $"graphs/{FullName}";
        yield return PartSource.FromBytes($"{folder}/graph", PartGroup.Weights, Graph);
        if (Weights.Length > 0)
        {
            yield return new PartSource($"{folder}/weights", PartGroup.Weights, Weights.Length, Weights.OpenRead);
        }
    }
}
