using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a bundle says about a model that ranks documents.</summary>
/// <param name="Model">How text becomes the graph's input.</param>
/// <param name="Scores">How a logit becomes a score.</param>
internal sealed record RerankerSettings(TextModelSettings Model, ScoreFunction Scores)
{
    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="files">By name: the tokenizer's, and config.json.</param>
    /// <exception cref="InferenceException">A file is missing or is not what its name says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static RerankerSettings Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var model = TextModelSettings.Parse(files);
        if (!files.TryGetValue(TextModelSettings.ConfigName, out var json))
        {
            return new RerankerSettings(model, ScoreFunction.Sigmoid);
        }

        using var document = JsonConfig.Open(json, TextModelSettings.ConfigName, TextModelSettings.MaxConfigBytes);
        var config = document.RootElement;

        // sentence-transformers' CrossEncoder: the activation that was saved, by its Python name; else a sigmoid, for one label.
        var activation = (config.TryGetProperty("sentence_transformers", out var own) ? JsonConfig.Text(own, "activation_fn") : null) ?? JsonConfig.Text(config, "sbert_ce_default_activation_function");
        var name = activation is null ? JsonConfig.Text(config, "function_to_apply") : activation[(activation.LastIndexOf('.') + 1)..];
        return new RerankerSettings(model, name switch
        {
            null or "Sigmoid" or "sigmoid" => ScoreFunction.Sigmoid,
            "Identity" or "none" => ScoreFunction.None,
            _ => throw new InferenceException(
                InferenceError.InvalidSettings, $"The model's {TextModelSettings.ConfigName} asks for scores by '{JsonConfig.Quote(name)}', which is neither a sigmoid nor the identity. Correct it and pack the model again."),
        });
    }
}
