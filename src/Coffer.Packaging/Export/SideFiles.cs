namespace Coffer.Packaging;

/// <summary>
/// The files of an exported folder that predictors read, by the names that Hugging Face's libraries give them. Everything else stays
/// behind: weights of other frameworks, training state, notes.
/// </summary>
internal static class SideFiles
{
    /// <summary>Those that lie in a folder of their own (sentence-transformers).</summary>
    public static IReadOnlyList<string> Nested { get; } = ["1_Pooling/config.json"];

    /// <summary>Whether a file of the folder's top belongs to the model.</summary>
    public static bool Belongs(string name) => Known.Contains(name) || Extensions.Contains(Path.GetExtension(name));

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "config.json", "generation_config.json",
        "preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json",
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "normalizer.json",
        "vocab.txt", "vocab.json", "merges.txt", "chat_template.jinja", "chat_template.json",
        "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
        "labels.txt",
    };

    // SentencePiece (T5, XLM-R; Marian), tiktoken.
    private static readonly HashSet<string> Extensions = new(StringComparer.Ordinal) { ".model", ".spm", ".tiktoken" };
}
