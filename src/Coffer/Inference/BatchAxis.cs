namespace Coffer.Inference;

/// <summary>
/// The symbol of a graph's batch: the free first dimension that every output has, and at least one input, and that stands
/// nowhere else. Then, as far as the graph says, rows can be put below each other and taken apart again.
/// </summary>
internal static class BatchAxis
{
    /// <summary>The symbol; null if the graph has no such dimension.</summary>
    public static string? Find(ModelSignature signature)
    {
        var symbol = signature.Outputs is [{ Dimensions: [{ Size: null } first, ..] }, ..] ? first.Symbol : "";
        return symbol.Length > 0
            && signature.Outputs.All(output => Has(output, symbol))
            && signature.Inputs.Any(input => Has(input, symbol))
            && signature.Inputs.Concat(signature.Outputs).All(tensor => IsSound(tensor, symbol))
                ? symbol
                : null;
    }

    public static bool Has(TensorDescription tensor, string symbol) => tensor.Dimensions is [{ Size: null } first, ..] && first.Symbol == symbol;

    private static bool IsSound(TensorDescription tensor, string symbol) =>
        !tensor.AnyRank && tensor.ElementType != ElementType.Unsupported && tensor.Dimensions.Skip(1).All(dimension => dimension.Size is not null || dimension.Symbol != symbol);
}
