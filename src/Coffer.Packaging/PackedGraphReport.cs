namespace Coffer.Packaging;

/// <summary>One packed graph.</summary>
/// <param name="Name">Its name, with <c>@variant</c> if it is one.</param>
/// <param name="GraphLength">Bytes of the graph without its large tensors.</param>
/// <param name="WeightsLength">Bytes of the weights part; 0 if there is none.</param>
/// <param name="ProvenSamples">On how many generated inputs its outputs were compared with the original's, bit for bit; 0 without proof.</param>
public sealed record PackedGraphReport(string Name, long GraphLength, long WeightsLength, int ProvenSamples);
