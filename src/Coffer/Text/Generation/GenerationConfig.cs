using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>
/// What a model's files say about generation: generation_config.json, and config.json for what that leaves out. Names that change nothing
/// are ignored; settings that would change the outcome and that Coffer doesn't have are refused by name.
/// </summary>
internal sealed class GenerationConfig
{
    private const string Name = "generation_config.json";
    private const string TaskParameters = "task_specific_params";
    private const int MaxBytes = 4 << 20;

    // Settings of transformers' GenerationConfig without a processor here, and the values with which they do nothing.
    private static readonly Dictionary<string, string[]> Unsupported = new(StringComparer.Ordinal)
    {
        ["encoder_repetition_penalty"] = ["1", "1.0"],
        ["encoder_no_repeat_ngram_size"] = ["0"],
        ["typical_p"] = ["1", "1.0"],
        ["epsilon_cutoff"] = ["0", "0.0"],
        ["eta_cutoff"] = ["0", "0.0"],
        ["top_h"] = [],
        ["num_beam_groups"] = ["1"],
        ["diversity_penalty"] = ["0", "0.0"],
        ["penalty_alpha"] = ["0", "0.0"],
        ["guidance_scale"] = ["1", "1.0"],
        ["exponential_decay_length_penalty"] = [],
        ["sequence_bias"] = [],
        ["constraints"] = [],
        ["force_words_ids"] = [],
        ["forced_decoder_ids"] = [],
        ["watermarking_config"] = [],
        ["dola_layers"] = [],
    };

    private readonly Dictionary<string, JsonElement> _values;

    private GenerationConfig(Dictionary<string, JsonElement> values) => _values = values;

    /// <summary>The names in <c>task_specific_params</c>, such as <c>translation_en_to_de</c>.</summary>
    public IEnumerable<string> Tasks => Find(TaskParameters, out var tasks) && tasks.ValueKind == JsonValueKind.Object ? tasks.EnumerateObject().Select(task => task.Name) : [];

    /// <summary>Reads the files.</summary>
    /// <param name="files">By name.</param>
    /// <exception cref="InferenceException">A file is not what its name says, or asks for what Coffer doesn't have (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static GenerationConfig Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (files.TryGetValue(TextModelSettings.ConfigName, out var json))
        {
            using var document = JsonConfig.Open(json, TextModelSettings.ConfigName, TextModelSettings.MaxConfigBytes);
            Add(values, document.RootElement.Clone());
        }

        if (files.TryGetValue(Name, out json))
        {
            using var document = JsonConfig.Open(json, Name, MaxBytes);
            Add(values, document.RootElement.Clone());
        }

        var result = new GenerationConfig(values);
        result.RequireSupported();
        return result;
    }

    /// <summary>With what <c>task_specific_params</c> says of a task before the rest, as transformers' pipelines have it.</summary>
    public GenerationConfig ForTask(string task)
    {
        if (!Find(TaskParameters, out var tasks) || tasks.ValueKind != JsonValueKind.Object || !tasks.TryGetProperty(task, out var parameters) || parameters.ValueKind != JsonValueKind.Object)
        {
            return this;
        }

        var values = new Dictionary<string, JsonElement>(_values, StringComparer.Ordinal);
        Add(values, parameters);
        var result = new GenerationConfig(values);
        result.RequireSupported();
        return result;
    }

    /// <exception cref="InferenceException">It is there, and no whole number.</exception>
    public int? Integer(string name) =>
        !Find(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Invalid(name, "is not a whole number");

    /// <exception cref="InferenceException">It is there, and no number.</exception>
    public float? Number(string name) =>
        !Find(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number) ? number
        : throw Invalid(name, "is not a number");

    /// <exception cref="InferenceException">It is there, and neither true nor false.</exception>
    public bool? Flag(string name) =>
        !Find(name, out var value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Invalid(name, "is neither true nor false");

    /// <exception cref="InferenceException">It is there, and no text.</exception>
    public string? Text(string name) =>
        !Find(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Invalid(name, "is not a text");

    /// <summary>A whole number, or a list of them; null where there is none.</summary>
    /// <exception cref="InferenceException">It is there, and neither.</exception>
    public IReadOnlyList<int>? Integers(string name) =>
        !Find(name, out var value) ? null : value.ValueKind == JsonValueKind.Number ? [Integer(name)!.Value] : ReadIntegers(name, value);

    /// <summary>A list of lists of whole numbers; empty where there is none.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Sequences(string name) =>
        !Find(name, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => ReadIntegers(name, item))]
        : throw Invalid(name, "is not a list of lists of tokens");

    /// <summary>A member of an object of names and whole numbers, such as <c>lang_to_id</c>.</summary>
    public int? Member(string name, string member) =>
        Find(name, out var value) && value.ValueKind == JsonValueKind.Object && value.TryGetProperty(member, out var number) && number.TryGetInt32(out var id) ? id : null;

    /// <exception cref="InferenceException">It is there, and none of what transformers knows.</exception>
    public EarlyStopping? EarlyStopping() =>
        !Find("early_stopping", out var value) ? null : value.ValueKind switch
        {
            JsonValueKind.True => Coffer.Text.EarlyStopping.WhenFull,
            JsonValueKind.False => Coffer.Text.EarlyStopping.Heuristic,
            JsonValueKind.String when value.ValueEquals("never") => Coffer.Text.EarlyStopping.Never,
            _ => throw Invalid("early_stopping", "is neither true, false nor \"never\""),
        };

    /// <summary>A failure that names the setting.</summary>
    public static InferenceException Invalid(string name, string what) =>
        new(InferenceError.InvalidSettings, $"The model's {Name} (or {TextModelSettings.ConfigName}) has a setting '{name}' that {what}. Correct it and pack the model again.");

    private static void Add(Dictionary<string, JsonElement> values, JsonElement config)
    {
        foreach (var property in config.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null)
            {
                values[property.Name] = property.Value;
            }
        }
    }

    private static int[] ReadIntegers(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) ? number : throw Invalid(name, "is not a list of whole numbers"))]
            : throw Invalid(name, "is not a list of whole numbers");

    private void RequireSupported()
    {
        foreach (var (name, neutral) in Unsupported)
        {
            if (Find(name, out var value) && value.ValueKind is not JsonValueKind.False && !neutral.Contains(value.GetRawText()) && !IsEmpty(value))
            {
                throw Invalid(name, "changes what is generated and that this version doesn't have");
            }
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private bool Find(string name, out JsonElement value) => _values.TryGetValue(name, out value);
}
