using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads the model of tokenizer.json. Files of older versions leave its type out.</summary>
internal static class ModelReader
{
    public static TokenModel Read(JsonElement config) => (config.Text("type") ?? GuessType(config)) switch
    {
        "WordPiece" => ReadWordPiece(config),
        "BPE" => BpeReader.Read(config),
        "Unigram" => ReadUnigram(config),
        "WordLevel" => ReadWordLevel(config),
        var type => throw HuggingFaceReader.Unknown("model", type),
    };

    /// <summary>Tokens and numbers from an object.</summary>
    public static Vocabulary ReadVocabulary(JsonElement config)
    {
        if (config.Member("vocab") is not { } vocab)
        {
            throw new TokenizerException(TokenizerError.MissingVocabulary, "The tokenizer's model has no 'vocab'. Export the tokenizer again.");
        }

        if (vocab.ValueKind != JsonValueKind.Object)
        {
            throw TokenizerJson.Wrong("vocab", "an object");
        }

        return ReadTokens(vocab);
    }

    public static Vocabulary ReadTokens(JsonElement vocab)
    {
        var vocabulary = new Vocabulary(vocab.GetPropertyCount());
        foreach (var token in vocab.EnumerateObject())
        {
            if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out var id))
            {
                throw TokenizerJson.Wrong("vocab", "an object of numbers");
            }

            vocabulary.Set(TokenizerJson.NameOf(token), id);
        }

        if (vocabulary.Count == 0)
        {
            throw new TokenizerException(TokenizerError.MissingVocabulary, "The tokenizer's vocabulary is empty. Export the tokenizer again.");
        }

        return vocabulary;
    }

    /// <summary>The number of the unknown token, or null where the model has none.</summary>
    public static int? FindUnknown(JsonElement config, Vocabulary vocabulary)
    {
        var token = config.Text("unk_token");
        return token is null ? null
            : vocabulary.TryGetId(token, out var id) ? id
            : throw new TokenizerException(TokenizerError.MissingToken, $"The tokenizer's unknown token '{TokenizerJson.Quote(token)}' is not in its vocabulary. Correct the file.");
    }

    private static WordPieceModel ReadWordPiece(JsonElement config)
    {
        var vocabulary = ReadVocabulary(config);
        return new(vocabulary, config.Text("continuing_subword_prefix") ?? "##", config.Number("max_input_chars_per_word") ?? 100)
        {
            UnknownId = FindUnknown(config, vocabulary) ?? throw new TokenizerException(TokenizerError.MissingToken, "The tokenizer's WordPiece model names no unknown token ('unk_token'). Correct the file."),
        };
    }

    private static WordLevelModel ReadWordLevel(JsonElement config)
    {
        var vocabulary = ReadVocabulary(config);
        return new(vocabulary) { UnknownId = config.Text("unk_token") is { } token && vocabulary.TryGetId(token, out var id) ? id : null };
    }

    /// <summary>Tokens with their log probabilities, in the order of their numbers.</summary>
    private static UnigramModel ReadUnigram(JsonElement config)
    {
        var vocabulary = new Vocabulary();
        var scores = new List<double>();
        foreach (var entry in config.List("vocab"))
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].ValueKind != JsonValueKind.String || entry[1].ValueKind != JsonValueKind.Number || !entry[1].TryGetDouble(out var score) || !double.IsFinite(score))
            {
                throw TokenizerJson.Wrong("vocab", "a list of tokens with scores");
            }

            vocabulary.Set(TokenizerJson.Decode(entry[0], "vocab"), scores.Count);
            scores.Add(score);
        }

        var unknown = config.Number("unk_id");
        if (scores.Count == 0 || unknown < 0 || unknown >= scores.Count)
        {
            throw new TokenizerException(scores.Count == 0 ? TokenizerError.MissingVocabulary : TokenizerError.MissingToken, "The tokenizer's Unigram model has no tokens, or its 'unk_id' is none of them. Export the tokenizer again.");
        }

        return new(vocabulary, [.. scores], unknown, config.Flag("byte_fallback", otherwise: false));
    }

    // The order in which Hugging Face's own reader tries.
    private static string? GuessType(JsonElement config) =>
        config.Member("merges") is not null ? "BPE"
        : config.Member("vocab")?.ValueKind == JsonValueKind.Array ? "Unigram"
        : config.Member("continuing_subword_prefix") is not null ? "WordPiece"
        : config.Member("vocab") is not null ? "WordLevel"
        : null;
}
