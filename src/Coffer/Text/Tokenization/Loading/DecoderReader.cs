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
        var type => throw HuggingFaceReader.Unknown("decoder", type),
    };
}
