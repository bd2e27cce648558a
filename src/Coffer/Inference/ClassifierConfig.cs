using System.Text;
using System.Text.Json;

namespace Coffer.Inference;

/// <summary>What a model's files say about its classes.</summary>
/// <param name="Labels">The classes by their place in the output; null where the model has none.</param>
/// <param name="Scores">How logits become scores; null where the model doesn't say.</param>
internal sealed record ClassifierConfig(IReadOnlyList<string>? Labels, ScoreFunction? Scores)
{
    private const int MaxBytes = 32 << 20;

    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="config">config.json, for <c>id2label</c> and <c>problem_type</c>; empty if there is none.</param>
    /// <param name="labels">labels.txt: a label a line, UTF-8; empty if there is none. Goes before <c>id2label</c>.</param>
    /// <exception cref="InferenceException">A file is not what its name says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static ClassifierConfig Parse(ReadOnlyMemory<byte> config, ReadOnlyMemory<byte> labels)
    {
        var lines = labels.IsEmpty ? null : Lines(labels.Span);
        if (config.IsEmpty)
        {
            return new ClassifierConfig(lines, null);
        }

        using var document = JsonConfig.Open(config, "config.json", MaxBytes);
        return new ClassifierConfig(lines ?? Labelled(document.RootElement), Function(document.RootElement));
    }

    private static string[] Lines(ReadOnlySpan<byte> labels)
    {
        if (labels.Length > MaxBytes)
        {
            throw Invalid("labels.txt", $"is larger than {MaxBytes} bytes");
        }

        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(labels).TrimStart('\uFEFF').TrimEnd();
            return [.. text.Split('\n').Select(line => line.Trim())];
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid("labels.txt", "is not UTF-8", e);
        }
    }

    private static string[]? Labelled(JsonElement config)
    {
        if (!config.TryGetProperty("id2label", out var labels) || labels.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (labels.ValueKind != JsonValueKind.Object)
        {
            throw Invalid("config.json", "has an id2label that is not an object");
        }

        var result = new string?[labels.EnumerateObject().Count()];
        foreach (var label in labels.EnumerateObject())
        {
            if (!int.TryParse(label.Name, out var index) || index < 0 || index >= result.Length || label.Value.ValueKind != JsonValueKind.String || result[index] is not null)
            {
                throw Invalid("config.json", $"has an id2label that does not name each class from 0 to {result.Length - 1} once");
            }

            result[index] = label.Value.GetString();
        }

        return result!;
    }

    // As transformers' classification pipelines decide; a single class is handled where the number of classes is known.
    private static ScoreFunction? Function(JsonElement config) => (JsonConfig.Text(config, "function_to_apply"), JsonConfig.Text(config, "problem_type")) switch
    {
        ("softmax", _) => ScoreFunction.Softmax,
        ("sigmoid", _) => ScoreFunction.Sigmoid,
        ("none", _) => ScoreFunction.None,
        (null, "multi_label_classification") => ScoreFunction.Sigmoid,
        (null, "single_label_classification") => ScoreFunction.Softmax,
        (null, "regression") => ScoreFunction.None,
        (null, null) => null,
        var (function, problem) => throw Invalid(
            "config.json", $"has a function_to_apply or problem_type that is not understood: '{JsonConfig.Quote(function ?? problem!)}'"),
    };

    private static InferenceException Invalid(string file, string what, Exception? cause = null) =>
        new(InferenceError.InvalidSettings, $"The model's {file} {what}. Correct the file and pack the model again.", cause);
}
