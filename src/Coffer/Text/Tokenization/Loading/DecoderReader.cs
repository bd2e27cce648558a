using System.Text.Json;

namespace Coffer.Text;

/// <summary>Reads the decoder of tokenizer.json.</summary>
internal static class DecoderReader
{
    public static TokenDecoder? Read(JsonElement? element) => element is { } config ? Read(config) : null;

    private static TokenDecoder Read(JsonElement config) => config.Text("type") switch
    {
        "Sequence" => new DecoderSequence([.. config.List("decoders").Select(Read)]),
        "WordPiece" => new WordPieceDecoder(config.Text("prefix") ?? "##", config.Flag("cleanup", otherwise: true)),
        "ByteLevel" => new ByteLevelDecoder(),
        "Metaspace" => MappingDecoder.Metaspace(PreTokenizerReader.ReadReplacement(config), config.Text("prepend_scheme") != "never" && config.Flag("add_prefix_space", otherwise: true)),
        "BPEDecoder" => MappingDecoder.WordSuffix(config.Text("suffix") ?? "</w>"),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Replace" => MappingDecoder.Replace(PatternReader.Read(config), config.RequiredText("content")),
        "Strip" => ReadStrip(config),
        "CTC" => new CtcDecoder(config.Text("pad_token") ?? "<pad>", config.Text("word_delimiter_token") ?? "|", config.Flag("cleanup", otherwise: true)),
        var type => throw HuggingFaceReader.Unknown("decoder", type),
    };

    private static MappingDecoder ReadStrip(JsonElement config) =>
        config.RequiredText("content") is { Length: 1 } content
            ? MappingDecoder.Strip(content[0], config.Number("start") ?? 0, config.Number("stop") ?? 0)
            : throw TokenizerJson.Wrong("content", "one character");
}
