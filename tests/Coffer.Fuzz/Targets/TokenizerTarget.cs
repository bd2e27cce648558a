using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Fuzz.Targets;

/// <summary>A tokenizer's files, and texts: the input is read as tokenizer.json, and encoded as UTF-16 by tokenizers that are sound.</summary>
internal sealed class TokenizerTarget : IFuzzTarget
{
    private const string Components = """
        {"added_tokens":[{"id":3,"content":"[X]","special":true,"lstrip":true,"rstrip":true},{"id":4,"content":"ab","single_word":true}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"},{"type":"Replace","pattern":{"String":"  "},"content":" "}]},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"Punctuation"},{"type":"Metaspace"}]},
        "post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[X]","type_id":0}}],"pair":[{"Sequence":{"id":"A"}},{"Sequence":{"id":"B"}}],"special_tokens":{}},
        "decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Metaspace"},{"type":"Fuse"}]},
        "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["▁",-1],["a",-2]]}}
        """;

    private const string Words = """
        {"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},"decoder":{"type":"WordPiece"},
        "model":{"type":"WordPiece","unk_token":"[UNK]","vocab":{"[UNK]":0,"a":1,"##a":2,"b":3}}}
        """;

    private const string Bytes = """
        {"pre_tokenizer":{"type":"ByteLevel"},"post_processor":{"type":"ByteLevel"},"decoder":{"type":"ByteLevel"},
        "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3},"merges":["a b"]}}
        """;

    private const string Pattern = """
        {"normalizer":{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated"},{"type":"ByteLevel","use_regex":false}]},
        "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3},"merges":["a b"]}}
        """;

    private readonly Tokenizer[] _tokenizers = [.. Seeds.Select(json => Tokenizer.FromHuggingFace(json))];

    public string Name => "tokenizer";

    IReadOnlyList<byte[]> IFuzzTarget.Seeds => [.. Seeds, .. OtherFormats];

    private static byte[][] Seeds { get; } = [Encoding.UTF8.GetBytes(Components), Encoding.UTF8.GetBytes(Words), Encoding.UTF8.GetBytes(Bytes), Encoding.UTF8.GetBytes(Pattern)];

    // Ranks, a SentencePiece model of two pieces with its settings, and a pattern.
    private static byte[][] OtherFormats { get; } =
    [
        "YQ== 0\nYWI= 1\nYg== 2\n"u8.ToArray(),
        [0x0A, 0x09, 0x0A, 0x05, .. "<unk>"u8, 0x18, 0x02, 0x0A, 0x08, 0x0A, 0x01, .. "a"u8, 0x15, 0x00, 0x00, 0x80, 0xBF, 0x12, 0x05, 0x18, 0x01, 0x98, 0x02, 0x00, 0x1A, 0x02, 0x18, 0x01],
        """(?i:'s|\p{L}{1,3}+)?[^\s\x{41}-Z&&[^a]]*?(?!\S)|(?<=a)b|(?>a|ab)\b$"""u8.ToArray(),
    ];

    public void Run(byte[] input)
    {
        var text = new string(MemoryMarshal.Cast<byte, char>(input));
        foreach (var tokenizer in _tokenizers)
        {
            Encode(tokenizer, text);
        }

        var file = Encoding.UTF8.GetString(input);
        TryEncode(() => Tokenizer.FromHuggingFace(input, input), file);
        TryEncode(() => FromFile("cl100k_base.tiktoken", input), file);
        TryEncode(() => FromFile("tokenizer.model", input), file);
        TryEncode(() => Tokenizer.FromHuggingFace(JsonSerializer.SerializeToUtf8Bytes(WithPattern(file))), file);
    }

    private static Tokenizer FromFile(string name, byte[] content) => Tokenizer.FromFiles(new Dictionary<string, ReadOnlyMemory<byte>> { [name] = content });

    private static JsonObject WithPattern(string pattern) => new()
    {
        ["pre_tokenizer"] = new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated" },
        ["model"] = new JsonObject { ["type"] = "WordLevel", ["unk_token"] = "?", ["vocab"] = new JsonObject { ["?"] = 0 } },
    };

    private static void TryEncode(Func<Tokenizer> load, string text)
    {
        try
        {
            Encode(load(), text);
        }
        catch (TokenizerException)
        {
        }
    }

    private static void Encode(Tokenizer tokenizer, string text)
    {
        var encoding = tokenizer.Encode(text);
        foreach (var span in encoding.Offsets.Span)
        {
            if (span.Start < 0 || span.End < span.Start || span.End > text.Length)
            {
                throw new InvalidOperationException($"The offsets {span} are outside the text.");
            }
        }

        _ = tokenizer.Decode(encoding.Ids.Span);
    }
}
