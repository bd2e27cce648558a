using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a bundle says about a token classifier: tokenizer and limits, labels.</summary>
/// <param name="Model">How text becomes the graph's input.</param>
/// <param name="Labels">The labels by their place in the output; null where the model has none.</param>
internal sealed record TokenClassifierSettings(TextModelSettings Model, IReadOnlyList<string>? Labels)
{
    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="files">By name: the tokenizer's, config.json, and labels.txt, whose labels go before <c>id2label</c>.</param>
    /// <exception cref="InferenceException">A file is missing or is not what its name says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static TokenClassifierSettings Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) =>
        new(TextModelSettings.Parse(files), ClassifierConfig.Parse(files.GetValueOrDefault(TextModelSettings.ConfigName), files.GetValueOrDefault("labels.txt")).Labels);
}
