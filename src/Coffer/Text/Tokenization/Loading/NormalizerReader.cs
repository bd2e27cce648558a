using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads the normalizer of tokenizer.json.</summary>
internal static class NormalizerReader
{
    public static Normalizer? Read(JsonElement? element) => element is { } config ? Read(config) : null;

    private static Normalizer Read(JsonElement config) => config.Text("type") switch
    {
        "Sequence" => new NormalizerSequence([.. config.List("normalizers").Select(Read)]),
        "BertNormalizer" => ReadBert(config),
        "NFC" => new UnicodeNormalizer(compatible: false, compose: true),
        "NFD" => new UnicodeNormalizer(compatible: false, compose: false),
        "NFKC" => new UnicodeNormalizer(compatible: true, compose: true),
        "NFKD" => new UnicodeNormalizer(compatible: true, compose: false),
        "Lowercase" => LowercaseNormalizer.Instance,
        "StripAccents" => RemovingNormalizer.Marks,
        "Strip" => new StripNormalizer(config.Flag("strip_left", otherwise: true), config.Flag("strip_right", otherwise: true)),
        "Prepend" => new PrependNormalizer(config.RequiredText("prepend")),
        "Replace" => new ReplaceNormalizer(PatternReader.Read(config), config.RequiredText("content")),
        "Nmt" => new NmtNormalizer(),
        "ByteLevel" => new ByteLevelNormalizer(),
        "Precompiled" => ReadPrecompiled(config),
        var type => throw HuggingFaceReader.Unknown("normalizer", type),
    };

    private static BertNormalizer ReadBert(JsonElement config)
    {
        var lowercase = config.Flag("lowercase", otherwise: true);
        return new(
            config.Flag("clean_text", otherwise: true),
            config.Flag("handle_chinese_chars", otherwise: true),
            lowercase,
            config.Flag("strip_accents", otherwise: lowercase));
    }

    private static CharsMapNormalizer ReadPrecompiled(JsonElement config)
    {
        try
        {
            return new(Convert.FromBase64String(config.RequiredText("precompiled_charsmap")));
        }
        catch (FormatException e)
        {
            throw new TokenizerException(TokenizerError.Malformed, "The tokenizer's 'precompiled_charsmap' is not base64. Correct the file.", e);
        }
    }
}
