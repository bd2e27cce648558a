namespace Coffer.Onnx;

/// <summary>
/// Runs of the main graph while the model is opened, on inputs of zeros, so that the first call is as fast as the others: memory is
/// touched, kernels are chosen, a GPU's programs are compiled. They are charged to no quota. Immutable; edit with <c>with</c>.
/// </summary>
public sealed record WarmUp
{
    /// <summary>How many runs. Default 1. At least 1.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>
    /// Sizes of the graph's symbolic dimensions by their names, for example <c>batch</c>: 8, <c>sequence</c>: 128. Others are as the publisher's
    /// tool found that the graph runs, or 1 where the bundle does not say. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Dimensions);
        ArgumentOutOfRangeException.ThrowIfLessThan(Runs, 1);
        foreach (var (name, size) in Dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, name);
        }
    }
}
