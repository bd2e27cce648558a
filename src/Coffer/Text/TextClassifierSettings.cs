using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a bundle says about a text classifier: tokenizer and limits, labels, scores.</summary>
/// <param name="Model">How text becomes the graph's input.</param>
/// <param name="Classes">The classes' names, and how logits become scores.</param>
internal sealed record TextClassifierSettings(TextModelSettings Model, ClassifierConfig Classes)
{
    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="files">By name: the tokenizer's, config.json, and labels.txt, whose labels go before <c>id2label</c>.</param>
    /// <exception cref="InferenceException">A file is missing or is not what its name says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static TextClassifierSettings Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) =>
        new(TextModelSettings.Parse(files), ClassifierConfig.Parse(files.GetValueOrDefault(TextModelSettings.ConfigName), files.GetValueOrDefault("labels.txt")));
}
