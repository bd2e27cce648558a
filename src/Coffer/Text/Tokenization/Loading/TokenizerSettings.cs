using System.Text.Json;

namespace Coffer.Text;

/// <summary>What tokenizer_config.json says, as far as it concerns tokens.</summary>
internal sealed record TokenizerSettings
{
    private static readonly string[] Names = ["bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token"];

    /// <summary>The special tokens' texts, by the names of the file.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();

    /// <summary>Tokens that the tokenizer's own file may lack.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Texts of tokens that are special besides the named ones.</summary>
    public IReadOnlyList<string> AdditionalSpecialTokens { get; init; } = [];

    public int? ModelMaxLength { get; init; }

    public TokenSide PaddingSide { get; init; }

    public TokenSide TruncationSide { get; init; }

    public bool CleanUpTokenizationSpaces { get; init; } = true;

    public string? ChatTemplate { get; init; }

    /// <summary>Whether a BERT tokenizer without a file of its own lower-cases.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>Whether a tokenizer whose file does not say it puts the token of the beginning first.</summary>
    public bool AddsBeginToken { get; init; }

    /// <summary>Whether a tokenizer whose file does not say it puts the token of the end last.</summary>
    public bool AddsEndToken { get; init; }

    public static TokenizerSettings Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
        {
            return new();
        }

        using var document = TokenizerJson.Open(json, "tokenizer_config.json");
        var root = document.RootElement;
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            if (ReadToken(root, name) is { } token)
            {
                tokens[name] = token;
            }
        }

        return new()
        {
            Tokens = tokens,
            AddedTokens = [.. ReadAddedTokens(root)],
            AdditionalSpecialTokens = [.. ReadAdditional(root)],
            ModelMaxLength = ReadMaxLength(root),
            PaddingSide = ReadSide(root, "padding_side"),
            TruncationSide = ReadSide(root, "truncation_side"),
            CleanUpTokenizationSpaces = root.Flag("clean_up_tokenization_spaces", otherwise: true),
            Lowercase = root.Flag("do_lower_case", otherwise: true),
            ChatTemplate = ReadChatTemplate(root),

            // The defaults of transformers' own classes.
            AddsBeginToken = root.Flag("add_bos_token", otherwise: root.Text("tokenizer_class")?.StartsWith("LlamaTokenizer", StringComparison.Ordinal) == true),
            AddsEndToken = root.Flag("add_eos_token", otherwise: root.Text("tokenizer_class")?.StartsWith("T5Tokenizer", StringComparison.Ordinal) == true),
        };
    }

    /// <summary>A token is text, or an object with its text.</summary>
    private static string? ReadToken(JsonElement root, string name) =>
        root.Member(name) is { ValueKind: JsonValueKind.Object } token ? token.Text("content") : root.Text(name);

    private static IEnumerable<AddedToken> ReadAddedTokens(JsonElement root)
    {
        if (root.Member("added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } tokens)
        {
            yield break;
        }

        foreach (var token in tokens.EnumerateObject())
        {
            yield return int.TryParse(TokenizerJson.NameOf(token), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id)
                ? AddedTokenReader.Read(token.Value, id)
                : throw TokenizerJson.Wrong("added_tokens_decoder", "keyed by numbers");
        }
    }

    private static IEnumerable<string> ReadAdditional(JsonElement root)
    {
        foreach (var name in (string[])["additional_special_tokens", "extra_special_tokens"])
        {
            if (root.Member(name) is not { ValueKind: JsonValueKind.Array } tokens)
            {
                continue;
            }

            foreach (var token in tokens.EnumerateArray())
            {
                var text = token.ValueKind == JsonValueKind.String ? TokenizerJson.Decode(token, name) : token.Text("content");
                if (text is not null)
                {
                    yield return text;
                }
            }
        }
    }

    // transformers writes 1e30 for "no limit".
    private static int? ReadMaxLength(JsonElement root) =>
        root.Member("model_max_length") is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var length) && length is > 0 and < int.MaxValue ? (int)length : null;

    private static TokenSide ReadSide(JsonElement root, string name) => root.Text(name) switch
    {
        null or "right" => TokenSide.Right,
        "left" => TokenSide.Left,
        _ => throw TokenizerJson.Wrong(name, "'left' or 'right'"),
    };

    /// <summary>One template, or several with names, of which the one named default counts.</summary>
    private static string? ReadChatTemplate(JsonElement root)
    {
        if (root.Member("chat_template") is not { ValueKind: JsonValueKind.Array } templates)
        {
            return root.Text("chat_template");
        }

        foreach (var template in templates.EnumerateArray())
        {
            if (template.Text("name") == "default")
            {
                return template.Text("template");
            }
        }

        return null;
    }
}
