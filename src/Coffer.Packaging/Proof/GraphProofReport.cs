namespace Coffer.Packaging;

/// <summary>What was proved: the outputs of original and packed graph are the same, bit for bit, on these inputs.</summary>
/// <param name="Inputs">The shape of each input.</param>
/// <param name="Samples">How many generated inputs were compared.</param>
/// <param name="Outputs">How many outputs the graph has.</param>
internal sealed record GraphProofReport(IReadOnlyDictionary<string, IReadOnlyList<long>> Inputs, int Samples, int Outputs);
