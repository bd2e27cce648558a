using Coffer.Bundles;

namespace Coffer.Packaging;

/// <summary>What a publisher says of a model that is packed. Immutable; edit with <c>with</c>.</summary>
public sealed record PackOptions
{
    /// <summary>The model's name without its publisher: 1 to 64 of a-z, 0-9, '.', '_', '-'.</summary>
    public required string Name { get; init; }

    /// <summary>The model's version.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>One of <see cref="ModelTasks"/>.</summary>
    public required string Task { get; init; }

    /// <summary>Grows with every release. Default: the seconds since 1970 at packing.</summary>
    public long? Sequence { get; init; }

    /// <summary>
    /// A text with one label a line, in the order of the model's outputs. Default: <c>labels.txt</c> or <c>id2label</c> of
    /// <c>config.json</c> in the model's folder.
    /// </summary>
    public string? LabelsPath { get; init; }

    /// <summary>How pictures become input. Default: <c>preprocessor_config.json</c> in the model's folder.</summary>
    public ImagePreprocessing? Preprocessing { get; init; }

    /// <summary>Keys of the model's metadata that execution needs and that may stay. Default none: metadata tells where a model comes from.</summary>
    public IReadOnlyList<string> KeptMetadata { get; init; } = [];

    /// <summary>
    /// How far the graphs are rewritten, so that opening doesn't. Default <see cref="PackOptimization.None"/>. ONNX Runtime writes what
    /// it rewrote to a path: on Linux that is a file in memory, elsewhere one in a private temporary folder, removed when
    /// packing ends.
    /// </summary>
    public PackOptimization Optimization { get; init; }

    /// <summary>How to prove that the packed model gives the outputs of the original; null packs without proof.</summary>
    public GraphProofOptions? Proof { get; init; } = GraphProofOptions.Default;
}
