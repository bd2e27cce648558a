namespace Coffer.Packaging;

/// <summary>One run of a graph.</summary>
/// <param name="Number">Which of the generated inputs.</param>
/// <param name="Shapes">The shape of each input.</param>
/// <param name="Outputs">By name, in the graph's order.</param>
internal sealed record ProofSample(
    int Number,
    IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes,
    IReadOnlyList<(string Name, ProofValue Value)> Outputs)
{
    /// <summary>Whether no output has an element, so that equal outputs would prove nothing.</summary>
    public bool IsEmpty => Outputs.All(output => output.Value.IsEmpty);

    /// <summary>The first difference in a clause, or null if the outputs are the same, bit for bit or within a tolerance.</summary>
    public string? FindDifference(IReadOnlyList<(string Name, ProofValue Value)> others, double tolerance)
    {
        if (!Outputs.Select(output => output.Name).SequenceEqual(others.Select(output => output.Name), StringComparer.Ordinal))
        {
            return "the outputs have other names";
        }

        return Outputs.Zip(others)
            .Select(pair => pair.First.Value.FindDifference(pair.Second.Value, tolerance) is { } difference ? $"output {OnnxNames.Quote(pair.First.Name)} {difference}" : null)
            .FirstOrDefault(difference => difference is not null);
    }

    /// <summary>The greatest distance of outputs of the same names and shapes.</summary>
    public double Distance(IReadOnlyList<(string Name, ProofValue Value)> others) =>
        Outputs.Zip(others).Max(pair => pair.First.Value.Distance(pair.Second.Value));
}
