using System.Text.Json;
using Coffer.Inference;

namespace Coffer.Text;

/// <summary>What a bundle says about a model that takes text: its tokenizer and its limits.</summary>
/// <param name="Tokenizer">Made from the tokenizer's files.</param>
/// <param name="MaxLength">The most tokens that the model takes, special ones included; null where no file says.</param>
/// <param name="PaddingId">The token that fills up a batch.</param>
internal sealed record TextModelSettings(Tokenizer Tokenizer, int? MaxLength, int PaddingId)
{
    public const string ConfigName = "config.json";

    public const int MaxConfigBytes = 32 << 20;

    // transformers: these models count positions from the padding token's number plus one (create_position_ids_from_input_ids).
    private static readonly HashSet<string> PositionsAfterPadding = new(StringComparer.Ordinal)
    {
        "roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer", "mpnet", "data2vec-text", "esm", "ibert", "luke", "roberta-prelayernorm", "xmod",
    };

    /// <summary>Reads the files that an exported model carries.</summary>
    /// <param name="files">By name: the tokenizer's, and config.json for <c>vocab_size</c>, <c>max_position_embeddings</c>, <c>pad_token_id</c>.</param>
    /// <exception cref="InferenceException">A file is missing or is not what its name says, or the tokenizer doesn't fit the model (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static TextModelSettings Parse(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var tokenizer = LoadTokenizer(files);
        if (!files.TryGetValue(ConfigName, out var json))
        {
            return new TextModelSettings(tokenizer, tokenizer.ModelMaxLength, tokenizer.SpecialTokens.Padding ?? 0);
        }

        using var document = JsonConfig.Open(json, ConfigName, MaxConfigBytes);
        var config = document.RootElement;
        if (Number(config, "vocab_size") is { } vocabulary && tokenizer.VocabularySize > vocabulary)
        {
            throw Invalid($"has a vocab_size of {vocabulary}, but the tokenizer has {tokenizer.VocabularySize} tokens: the model would not know all of them. Pack the tokenizer that the model was trained with");
        }

        var padding = tokenizer.SpecialTokens.Padding ?? Number(config, "pad_token_id") ?? 0;
        return new TextModelSettings(tokenizer, Least(Positions(config), tokenizer.ModelMaxLength), padding);
    }

    /// <summary>The tokenizer of the files.</summary>
    /// <exception cref="InferenceException">There is none, or it can't be loaded (<see cref="InferenceError.InvalidSettings"/>).</exception>
    public static Tokenizer LoadTokenizer(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        try
        {
            return Tokenizer.FromFiles(files);
        }
        catch (TokenizerException e)
        {
            throw new InferenceException(InferenceError.InvalidSettings, $"The model's tokenizer can't be loaded: {e.Message}", e);
        }
    }

    private static int? Positions(JsonElement config)
    {
        if (Number(config, "max_position_embeddings") is not { } positions)
        {
            return null;
        }

        var shifted = config.TryGetProperty("model_type", out var type) && type.ValueKind == JsonValueKind.String && PositionsAfterPadding.Contains(type.GetString()!);
        var usable = shifted ? positions - (Number(config, "pad_token_id") ?? 1) - 1 : positions;
        return usable > 0 ? usable : throw Invalid($"leaves no position for a token: max_position_embeddings is {positions}. Correct it");
    }

    private static int? Least(int? a, int? b) => a is null || b is null ? a ?? b : Math.Min(a.Value, b.Value);

    // Some exporters write -1 or null for what a model doesn't have.
    private static int? Number(JsonElement config, string name) =>
        !config.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? (number < 0 ? null : number)
            : throw Invalid($"has a {name} that is not a whole number. Correct it");

    private static InferenceException Invalid(string what) => new(InferenceError.InvalidSettings, $"The model's {ConfigName} {what}, and pack the model again.");
}
