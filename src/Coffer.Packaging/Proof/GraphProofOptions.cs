namespace Coffer.Packaging;

/// <summary>
/// How to prove that a packed graph gives the outputs of the original. Immutable; edit with <c>with</c>.
/// <para>
/// Inputs are generated: floating point numbers uniformly from -1 to 1, integers 0 or 1 (valid as ids, masks and lengths), true or
/// false, short strings. Each free dimension gets, in this order: the size given here; 1 if it is named after a batch, or is
/// unnamed and the first of two or more; else the first of 32, 64, 128, 224, 256, 288, 320, 512, 576, 640, 16, 8, 4, 2 and 1 with which the original
/// runs. If it runs with none, unnamed dimensions that are not an input's last are set to 1; then those named after a
/// past (a cache) to 0. Dimensions of one name get one size; a sum such as <c>past_sequence_length + 1</c> is computed, and what is named after a total
/// is the sum of past and present.
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

    /// <summary>
    /// Values of integer inputs by name, for those that take neither 0 nor 1, for example <c>sr</c>: 16000. Every element gets it. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, long> Values { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// How far floating point outputs of an optimised graph may be from the original's, as a share of the output's greatest magnitude or of 1,
    /// whichever is larger: fused nodes add in another order. Default 1e-4. Without optimisation every bit must be the same.
    /// </summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>Decides the generated values. Default 1.</summary>
    public int Seed { get; init; } = 1;
}
