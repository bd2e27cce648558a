using System.Text;

namespace Coffer.Text;

/// <summary>Chooses among a model's files.</summary>
internal static class TokenizerFiles
{
    /// <exception cref="TokenizerException">No tokenizer is among them, or the one there can't be read.</exception>
    public static Tokenizer Open(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var settings = ReadSettings(files);
        if (files.TryGetValue("tokenizer.json", out var json))
        {
            return new(HuggingFaceReader.Read(json), settings);
        }

        throw new TokenizerException(TokenizerError.MissingFile, "The model has no tokenizer: none of tokenizer.json, vocab.txt, vocab.json with merges.txt, *.tiktoken or a SentencePiece *.model is among its files. Add one and pack the model again.");
    }

    private static TokenizerSettings ReadSettings(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files)
    {
        var settings = TokenizerSettings.Read(files.GetValueOrDefault("tokenizer_config.json"));
        if (settings.Tokens.Count == 0 && files.TryGetValue("special_tokens_map.json", out var map))
        {
            settings = settings with { Tokens = TokenizerSettings.Read(map).Tokens };
        }

        return files.TryGetValue("chat_template.jinja", out var template) ? settings with { ChatTemplate = Encoding.UTF8.GetString(template.Span) } : settings;
    }
}
