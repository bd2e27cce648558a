namespace Coffer.Packaging;

/// <summary>
/// How to prove that a packed graph gives the outputs of the original. Immutable; edit with <c>with</c>.
/// <para>
/// Inputs are generated: floating point numbers uniformly from -1 to 1, integers 0 or 1 (valid as ids, masks and lengths), true or
/// false, short strings. Free dimensions are tried in this order, until the original runs: the sizes given here; then 1, 2, 4, 8, 16,
/// 32, 64, 128, 224, 256, 288, 320, 512, 576 and 640 for every dimension, save that dimensions named after a batch, and
/// unnamed first dimensions of inputs with two or more, stay 1; for a model with dimensions named after a past (a cache), the same
/// again with the past 0. Dimensions of one name get one size, and a sum such as <c>past_sequence_length + 1</c> is computed.
/// </para>
/// </summary>
public sealed record GraphProofOptions
{
    /// <summary>The defaults.</summary>
    public static GraphProofOptions Default { get; } = new();

    /// <summary>Whole shapes by input name, for example <c>pixel_values</c>: 1, 3, 224, 224. Default none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Sizes of free dimensions by their symbol in the graph, for example <c>sequence_length</c>: 16. Default none.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>Decides the generated values. Default 1.</summary>
    public int Seed { get; init; } = 1;
}
