using System.Text;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Small tokenizers of both kinds: bytes in GPT-2's alphabet, and pieces with tokens of single bytes.</summary>
internal static class ConstraintVocabularies
{
    public const string End = "<end>";

    /// <summary>Every byte that is wanted, longer tokens, and the token of the end.</summary>
    public static Tokenizer ByteLevel(IEnumerable<byte> bytes, params string[] longer)
    {
        var vocabulary = new JsonObject();
        foreach (var token in bytes.Select(value => ByteAlphabet.CharacterOf(value).ToString()).Concat(longer.Select(Write)).Distinct())
        {
            vocabulary[token] = vocabulary.Count;
        }

        return Make(vocabulary, new JsonObject { ["type"] = "ByteLevel" });
    }

    /// <summary>Pieces with a visible space, as SentencePiece has them, and a token of each byte.</summary>
    public static Tokenizer ByteFallback(params string[] pieces)
    {
        var vocabulary = new JsonObject();
        foreach (var token in Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>").Concat(pieces).Distinct())
        {
            vocabulary[token] = vocabulary.Count;
        }

        return Make(vocabulary, new JsonObject
        {
            ["type"] = "Sequence",
            ["decoders"] = new JsonArray(
                new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "▁" }, ["content"] = " " },
                new JsonObject { ["type"] = "ByteFallback" },
                new JsonObject { ["type"] = "Fuse" },
                new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }),
        });
    }

    public static LogitsProcessorContext Context(Tokenizer tokenizer) => new(tokenizer, [tokenizer.TokenToId(End)!.Value], tokenizer.VocabularySize + 3);

    private static string Write(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(ByteAlphabet.CharacterOf));

    private static Tokenizer Make(JsonObject vocabulary, JsonObject decoder)
    {
        var end = vocabulary.Count;
        vocabulary[End] = end;
        return Tokenizer.FromHuggingFace(Encoding.UTF8.GetBytes(new JsonObject
        {
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = end, ["content"] = End, ["special"] = true }),
            ["decoder"] = decoder,
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        }.ToJsonString()));
    }
}
