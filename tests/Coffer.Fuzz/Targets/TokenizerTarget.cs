using System.Runtime.InteropServices;
using System.Text;
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

    private readonly Tokenizer[] _tokenizers = [.. Seeds.Select(json => Tokenizer.FromHuggingFace(json))];

    public string Name => "tokenizer";

    IReadOnlyList<byte[]> IFuzzTarget.Seeds => Seeds;

    private static byte[][] Seeds { get; } = [Encoding.UTF8.GetBytes(Components), Encoding.UTF8.GetBytes(Words), Encoding.UTF8.GetBytes(Bytes)];

    public void Run(byte[] input)
    {
        var text = new string(MemoryMarshal.Cast<byte, char>(input));
        foreach (var tokenizer in _tokenizers)
        {
            Encode(tokenizer, text);
        }

        try
        {
            Encode(Tokenizer.FromHuggingFace(input, input), Encoding.UTF8.GetString(input));
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
