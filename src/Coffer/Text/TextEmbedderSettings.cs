using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a bundle says about a model that embeds texts, in the layout of sentence-transformers.</summary>
/// <param name="Model">How text becomes the graph's input.</param>
/// <param name="Pooling">How vectors of tokens become one; several are put one after the other.</param>
internal sealed record TextEmbedderSettings(TextModelSettings Model, IReadOnlyList<EmbeddingPooling> Pooling)
{
    private const int MaxBytes = 1 << 20;
    private const string PoolingName = "1_Pooling/config.json";
    private const string ModulesName = "modules.json";
    private const string PromptsName = "config_sentence_transformers.json";
    private const string LengthName = "sentence_bert_config.json";

    // In the order in which sentence-transformers puts the vectors of several modes.
    private static readonly (string Name, EmbeddingPooling Pooling)[] Modes =
    [
        ("pooling_mode_cls_token", EmbeddingPooling.Cls),
        ("pooling_mode_max_tokens", EmbeddingPooling.Max),
        ("pooling_mode_mean_tokens", EmbeddingPooling.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", EmbeddingPooling.MeanSquareRoot),
        ("pooling_mode_weightedmean_tokens", EmbeddingPooling.WeightedMean),
        ("pooling_mode_lasttoken", EmbeddingPooling.Last),
    ];

    /// <summary>Whether the tokens of the prompt count when pooling.</summary>
    public bool IncludePrompt { get; init; } = true;

    public bool Normalize { get; init; }

    /// <summary>A step behind the pooling that only the graph itself can take; null if there is none.</summary>
    public string? FurtherModule { get; init; }

    public IReadOnlyDictionary<string, string> Prompts { get; init; } = new Dictionary<string, string>();

    public string? DefaultPrompt { get; init; }

    public EmbeddingSimilarity Similarity { get; init; }

    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="files">By name: the tokenizer's, config.json, and sentence-transformers' as far as they are there.</param>
    /// <exception cref="InferenceException">A file is missing or is not what its name says (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static TextEmbedderSettings Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var settings = new TextEmbedderSettings(TextModelSettings.Parse(files), [EmbeddingPooling.Mean]);
        settings = WithFile(settings, files, PoolingName, JsonValueKind.Object, ReadPooling);
        settings = WithFile(settings, files, ModulesName, JsonValueKind.Array, ReadModules);
        settings = WithFile(settings, files, PromptsName, JsonValueKind.Object, ReadPrompts);
        return WithFile(settings, files, LengthName, JsonValueKind.Object, ReadLength);
    }

    private static TextEmbedderSettings WithFile(
        TextEmbedderSettings settings, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, string name, JsonValueKind kind, Func<TextEmbedderSettings, JsonElement, TextEmbedderSettings> read)
    {
        if (!files.TryGetValue(name, out var bytes))
        {
            return settings;
        }

        using var document = JsonConfig.Open(bytes, name, MaxBytes, kind);
        return read(settings, document.RootElement);
    }

    private static TextEmbedderSettings ReadPooling(TextEmbedderSettings settings, JsonElement config)
    {
        // Newer files name the mode, or the modes, in one member.
        var modes = config.TryGetProperty("pooling_mode", out var mode) ? Named(mode) : [.. Modes.Where(entry => Flag(config, PoolingName, entry.Name)).Select(entry => entry.Pooling)];
        return modes.Length > 0
            ? settings with { Pooling = modes, IncludePrompt = !config.TryGetProperty("include_prompt", out _) || Flag(config, PoolingName, "include_prompt") }
            : throw Invalid(PoolingName, $"names no way of pooling that is known: {string.Join(", ", Modes.Select(entry => entry.Name))}");
    }

    private static EmbeddingPooling[] Named(JsonElement mode)
    {
        string?[] names = mode.ValueKind == JsonValueKind.Array
            ? [.. mode.EnumerateArray().Select(entry => entry.ValueKind == JsonValueKind.String ? entry.GetString() : null)]
            : [mode.ValueKind == JsonValueKind.String ? mode.GetString() : null];
        return Array.ConvertAll(names, name => name switch
        {
            "cls" => EmbeddingPooling.Cls,
            "max" => EmbeddingPooling.Max,
            "mean" => EmbeddingPooling.Mean,
            "mean_sqrt_len_tokens" => EmbeddingPooling.MeanSquareRoot,
            "weightedmean" => EmbeddingPooling.WeightedMean,
            "lasttoken" => EmbeddingPooling.Last,
            _ => throw Invalid(PoolingName, $"has a pooling_mode that is not known: '{JsonConfig.Quote(name ?? mode.ToString())}'"),
        });
    }

    private static TextEmbedderSettings ReadModules(TextEmbedderSettings settings, JsonElement modules)
    {
        foreach (var module in modules.EnumerateArray())
        {
            var type = JsonConfig.Text(module, "type") ?? throw Invalid(ModulesName, "has a module without a type");
            settings = type[(type.LastIndexOf('.') + 1)..] switch
            {
                "Transformer" or "Pooling" => settings,
                "Normalize" => settings with { Normalize = true },
                var other => settings with { FurtherModule = other },
            };
        }

        return settings;
    }

    private static TextEmbedderSettings ReadPrompts(TextEmbedderSettings settings, JsonElement config)
    {
        var prompts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (config.TryGetProperty("prompts", out var members) && members.ValueKind == JsonValueKind.Object)
        {
            foreach (var prompt in members.EnumerateObject().Where(prompt => prompt.Value.ValueKind != JsonValueKind.Null))
            {
                prompts[prompt.Name] = prompt.Value.ValueKind == JsonValueKind.String ? prompt.Value.GetString()! : throw Invalid(PromptsName, $"has a prompt '{JsonConfig.Quote(prompt.Name)}' that is not a text");
            }
        }

        var chosen = JsonConfig.Text(config, "default_prompt_name");
        if (chosen is not null && !prompts.ContainsKey(chosen))
        {
            throw Invalid(PromptsName, $"has a default_prompt_name that is none of its prompts: '{JsonConfig.Quote(chosen)}'");
        }

        return settings with
        {
            Prompts = prompts,
            DefaultPrompt = chosen,
            Similarity = JsonConfig.Text(config, "similarity_fn_name") switch
            {
                null or "cosine" => EmbeddingSimilarity.Cosine,
                "dot" => EmbeddingSimilarity.Dot,
                "euclidean" => EmbeddingSimilarity.Euclidean,
                "manhattan" => EmbeddingSimilarity.Manhattan,
                var other => throw Invalid(PromptsName, $"has a similarity_fn_name that is not known: '{JsonConfig.Quote(other)}'"),
            },
        };
    }

    private static TextEmbedderSettings ReadLength(TextEmbedderSettings settings, JsonElement config)
    {
        if (!config.TryGetProperty("max_seq_length", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return settings;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var length) && length > 0
            ? settings with { Model = settings.Model with { MaxLength = Math.Min(length, settings.Model.MaxLength ?? length) } }
            : throw Invalid(LengthName, "has a max_seq_length that is not a positive whole number");
    }

    private static bool Flag(JsonElement config, string file, string name) =>
        config.TryGetProperty(name, out var value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw Invalid(file, $"has a {name} that is neither true nor false"),
        };

    private static InferenceException Invalid(string file, string what) => new(InferenceError.InvalidSettings, $"The model's {file} {what}. Correct the file and pack the model again.");
}
