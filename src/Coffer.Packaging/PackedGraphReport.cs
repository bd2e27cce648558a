namespace Coffer.Packaging;

/// <summary>One packed graph.</summary>
/// <param name="Name">Its name, with <c>@variant</c> if it is one.</param>
/// <param name="GraphLength">Bytes of the graph without its large tensors.</param>
/// <param name="WeightsLength">Bytes of the weights part; 0 if there is none.</param>
/// <param name="ProvenSamples">On how many generated inputs its outputs were compared with the original's, bit for bit unless it was optimised; 0 without proof.</param>
public sealed record PackedGraphReport(string Name, long GraphLength, long WeightsLength, int ProvenSamples)
{
    /// <summary>How far it was rewritten.</summary>
    public PackOptimization Optimization { get; init; }

    /// <summary>
    /// The greatest difference of an optimised graph's outputs from the original's, as a share of the output's greatest magnitude or of 1, whichever
    /// is larger. 0 when it was not optimised or not compared.
    /// </summary>
    public double GreatestDifference { get; init; }

    /// <summary>
    /// Operators of ONNX Runtime's own that the optimisation brought into the graph, for example <c>com.microsoft.FusedConv</c>: other
    /// runtimes, and some execution providers, don't know them.
    /// </summary>
    public IReadOnlyList<string> RuntimeOperators { get; init; } = [];
}
