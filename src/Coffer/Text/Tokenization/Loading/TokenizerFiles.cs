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

        if (files.TryGetValue("vocab.json", out var vocab) && files.TryGetValue("merges.txt", out var merges))
        {
            return new(VocabularyFiles.ReadByteLevelBpe(vocab, merges), settings);
        }

        if (files.TryGetValue("vocab.txt", out var words))
        {
            return new(VocabularyFiles.ReadWordPiece(words, settings.Lowercase), settings);
        }

        if (Find(files, ".tiktoken") is { } ranks)
        {
            return new(TiktokenReader.Read(files[ranks].Span, ranks), settings);
        }

        if (Find(files, ".model") is { } pieces)
        {
            return new(ReadSentencePiece(files[pieces], pieces, settings), settings);
        }

        throw new TokenizerException(TokenizerError.MissingFile, "The model has no tokenizer: neither tokenizer.json, nor vocab.json with merges.txt, nor vocab.txt, nor a .tiktoken or .model file is among its files. Add one and pack the model again.");
    }

    private static string? Find(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, string extension) =>
        files.Keys.Where(name => name.EndsWith(extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault();

    // XLM-RoBERTa, CamemBERT and mBART have this file, and number its pieces otherwise.
    private static TokenizerParts ReadSentencePiece(ReadOnlyMemory<byte> file, string name, TokenizerSettings settings) => name == "sentencepiece.bpe.model"
        ? throw new TokenizerException(TokenizerError.UnsupportedSetting, "Models with sentencepiece.bpe.model give its pieces other numbers than the file does. Give their tokenizer.json.")
        : SentencePieceReader.Read(file.Span, settings);

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
