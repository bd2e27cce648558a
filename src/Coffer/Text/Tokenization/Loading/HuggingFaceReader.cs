namespace Coffer.Text;

/// <summary>Reads tokenizer.json, the format of Hugging Face's tokenizers library.</summary>
internal static class HuggingFaceReader
{
    /// <exception cref="TokenizerException">The file is malformed, or names a component that is not known.</exception>
    public static TokenizerParts Read(ReadOnlyMemory<byte> json)
    {
        using var document = TokenizerJson.Open(json, "tokenizer.json");
        var root = document.RootElement;
        var model = ModelReader.Read(root.Member("model") ?? throw new TokenizerException(TokenizerError.MissingVocabulary, "tokenizer.json has no 'model'. Export the tokenizer again."));
        var added = AddedTokenReader.ReadAll(root).ToArray();
        return new(model)
        {
            Normalizer = NormalizerReader.Read(root.Member("normalizer")),
            PreTokenizer = PreTokenizerReader.Read(root.Member("pre_tokenizer")),
            Template = new TemplateReader(token => FindToken(added, model.Vocabulary, token)).Read(root.Member("post_processor")),
            Decoder = DecoderReader.Read(root.Member("decoder")),
            AddedTokens = added,
        };
    }

    public static TokenizerException Unknown(string kind, string? type) =>
        new(TokenizerError.UnknownComponent, $"The tokenizer's {kind} '{TokenizerJson.Quote(type ?? "(none)")}' is not one that this version of Coffer knows. Use a newer version, or export the tokenizer with another one.");

    private static int? FindToken(AddedToken[] added, Vocabulary vocabulary, string token)
    {
        var found = Array.FindLast(added, t => t.Content == token);
        return found is not null ? found.Id : vocabulary.TryGetId(token, out var id) ? id : null;
    }
}
