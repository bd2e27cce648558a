using Coffer.Inference;

namespace Coffer.Vision;

/// <summary>What a bundle says about a classifier: preprocessing, labels, scores.</summary>
/// <param name="Preprocessor">How pictures become its input.</param>
/// <param name="Classes">The classes' names, and how logits become scores.</param>
internal sealed record ImageClassifierSettings(ImagePreprocessorSettings Preprocessor, ClassifierConfig Classes)
{
    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="preprocessor">preprocessor_config.json.</param>
    /// <param name="config">config.json, for <c>id2label</c> and <c>problem_type</c>; empty if there is none.</param>
    /// <param name="labels">labels.txt: a label a line, UTF-8; empty if there is none. Goes before <c>id2label</c>.</param>
    /// <exception cref="InferenceException">A file is not what its name says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static ImageClassifierSettings Parse(ReadOnlyMemory<byte> preprocessor, ReadOnlyMemory<byte> config, ReadOnlyMemory<byte> labels) =>
        new(ImagePreprocessorConfig.Parse(preprocessor), ClassifierConfig.Parse(config, labels));
}
