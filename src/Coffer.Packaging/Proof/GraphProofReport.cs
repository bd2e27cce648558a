namespace Coffer.Packaging;

/// <summary>What was proved: the outputs of original and packed graph are the same on these inputs, bit for bit unless the graph was optimised.</summary>
/// <param name="Inputs">The shape of each input.</param>
/// <param name="Samples">How many generated inputs were compared.</param>
/// <param name="Outputs">How many outputs the graph has.</param>
/// <param name="GreatestDifference">Of floating point outputs, as <see cref="GraphProofOptions.Tolerance"/> counts it.</param>
internal sealed record GraphProofReport(IReadOnlyDictionary<string, IReadOnlyList<long>> Inputs, int Samples, int Outputs, double GreatestDifference);
