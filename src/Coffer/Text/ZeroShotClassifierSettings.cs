using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a bundle says about a model of natural language inference.</summary>
/// <param name="Model">How text becomes the graph's input.</param>
/// <param name="Labels">The number of classes.</param>
/// <param name="Entailment">The class that says that the hypothesis follows.</param>
/// <param name="Contradiction">The class that says that it does not.</param>
internal sealed record ZeroShotClassifierSettings(TextModelSettings Model, int Labels, int Entailment, int Contradiction)
{
    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="files">By name: the tokenizer's, and config.json for <c>label2id</c> or <c>id2label</c>.</param>
    /// <exception cref="InferenceException">A file is missing, is not what its name says, or names no entailment (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static ZeroShotClassifierSettings Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var model = TextModelSettings.Parse(files);
        var json = files.GetValueOrDefault(TextModelSettings.ConfigName);
        var labels = LabelToId(json) ?? ClassifierConfig.Parse(json, files.GetValueOrDefault("labels.txt")).Labels;
        if (labels is null)
        {
            throw Invalid("names no labels");
        }

        if (Find(labels, "entail") is not { } entailment)
        {
            throw Invalid("has no label that begins with 'entail', so it is not known which class says that a hypothesis follows");
        }

        // transformers takes the first class, or the last where the first is the entailment; a name that says so is surer.
        var contradiction = Find(labels, "contradict") ?? Find(labels, "not_entail") ?? (entailment == 0 ? labels.Count - 1 : 0);
        return contradiction != entailment ? new ZeroShotClassifierSettings(model, labels.Count, entailment, contradiction) : throw Invalid("has one label only");
    }

    private static string[]? LabelToId(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return null;
        }

        using var document = JsonConfig.Open(json, TextModelSettings.ConfigName, TextModelSettings.MaxConfigBytes);
        if (!document.RootElement.TryGetProperty("label2id", out var map) || map.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var labels = new string?[map.EnumerateObject().Count()];
        foreach (var label in map.EnumerateObject())
        {
            if (label.Value.ValueKind != JsonValueKind.Number || !label.Value.TryGetInt32(out var id) || id < 0 || id >= labels.Length || labels[id] is not null)
            {
                throw Invalid($"has a label2id that does not name each class from 0 to {labels.Length - 1} once");
            }

            labels[id] = label.Name;
        }

        return labels!;
    }

    private static int? Find(IReadOnlyList<string> labels, string beginning)
    {
        for (var id = 0; id < labels.Count; id++)
        {
            if (labels[id].StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            {
                return id;
            }
        }

        return null;
    }

    private static InferenceException Invalid(string what) =>
        new(InferenceError.InvalidSettings, $"The model's {TextModelSettings.ConfigName} {what}. Zero-shot classification needs a model of natural language inference; correct the file and pack it again.");
}
