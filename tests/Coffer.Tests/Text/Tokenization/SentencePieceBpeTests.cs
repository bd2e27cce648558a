using System.Text;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>
/// A tokenizer.model as Llama's: SentencePiece with BPE and bytes for what the vocabulary lacks, built here field by field
/// (sentencepiece_model.proto).
/// </summary>
public sealed class SentencePieceBpeTests
{
    private const int ByteIds = 3;
    private const int Letters = 259;

    private static readonly string[] Pieces = ["▁t", "er", "in", "he", "▁the", "▁the▁t", "lo", "▁he", "ell", "▁hell", "l", "t", "e", "r", "i", "n", "h", "o", "▁", "w", "d"];

    // Ids by SentencePiece's rule: of all neighbours that make a piece, first those that make the piece of the highest score, the leftmost first.
    [Theory]
    [InlineData("the", "▁the")]
    [InlineData("the tin", "▁the▁t in")]
    [InlineData("hello", "▁he l lo")]
    [InlineData("other", "▁ o t h er")]
    [InlineData("winter wind", "▁ w in t er ▁ w in d")]
    [InlineData("é", "▁ <0xC3> <0xA9>")]
    [InlineData("th\n中e", "▁t h <0x0A> <0xE4> <0xB8> <0xAD> e")]
    [InlineData("  two  spaces", "▁ ▁ ▁t w o ▁ ▁ <0x73> <0x70> <0x61> <0x63> e <0x73>")]
    public void FromFiles_LlamaModel_MergesByScoreAndFallsBackToBytes(string text, string pieces)
    {
        var tokenizer = Create();

        var encoding = tokenizer.Encode(text);

        Assert.Equal("<s> " + pieces, string.Join(' ', encoding.Tokens));
        Assert.Equal(text, tokenizer.Decode(encoding.Ids.Span, new() { SkipSpecialTokens = true, CleanUpTokenizationSpaces = false }));
    }

    [Fact]
    public void FromFiles_LlamaModel_HasItsSpecialTokensAndIds()
    {
        var tokenizer = Create();

        Assert.Equal((ByteIds + 256 + Pieces.Length, 1, 2), (tokenizer.VocabularySize, tokenizer.TokenToId("<s>"), tokenizer.TokenToId("</s>")));
        Assert.Equal(0, tokenizer.SpecialTokens.Unknown);
        Assert.Equal([1, Letters + 4], tokenizer.Encode("the").Ids.ToArray());
        Assert.Equal(ByteIds + 0xC3, tokenizer.TokenToId("<0xC3>"));
    }

    [Fact]
    public void Encode_AnyText_EqualsMergingOneByOne()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var tokenizer = Create();
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => "thelorwdin h "[random.Next(13)]));

            Assert.Equal(Merge("▁" + text.Replace(' ', '▁')), tokenizer.Encode(text, new() { AddSpecialTokens = false }).Tokens);
        }
    }

    [Fact]
    public void FromFiles_LlamaModelCutAnywhere_ThrowsOnlyTokenizerExceptions()
    {
        var file = Model();
        for (var length = 0; length < file.Length; length += 7)
        {
            _ = Record.Exception(() => FromFile(file[..length])) is { } failure ? Assert.IsType<TokenizerException>(failure) : null;
        }
    }

    private static List<string> Merge(string text)
    {
        var symbols = text.Select(c => c.ToString()).ToList();
        while (true)
        {
            var best = -1;
            var bestScore = int.MaxValue;
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                var place = Array.IndexOf(Pieces, symbols[i] + symbols[i + 1]);
                if (place >= 0 && place < bestScore)
                {
                    (best, bestScore) = (i, place);
                }
            }

            if (best < 0)
            {
                return symbols;
            }

            symbols[best] += symbols[best + 1];
            symbols.RemoveAt(best + 1);
        }
    }

    private static Tokenizer Create() => FromFile(Model());

    private static Tokenizer FromFile(byte[] model) => Tokenizer.FromFiles(new Dictionary<string, ReadOnlyMemory<byte>>
    {
        ["tokenizer.model"] = model,
        ["tokenizer_config.json"] = """{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "add_eos_token": false}"""u8.ToArray(),
    });

    private static byte[] Model()
    {
        var model = new List<byte>();
        Add("<unk>", 0, type: 2);
        Add("<s>", 0, type: 3);
        Add("</s>", 0, type: 3);
        for (var value = 0; value < 256; value++)
        {
            Add($"<0x{value:X2}>", 0, type: 6);
        }

        for (var place = 0; place < Pieces.Length; place++)
        {
            Add(Pieces[place], -place, type: 1);
        }

        // TrainerSpec: model_type = BPE, byte_fallback, unk_id, bos_id, eos_id, pad_id = -1.
        Message(model, 2, [.. Varint(3, 2), .. Varint(35, 1), .. Varint(40, 0), .. Varint(41, 1), .. Varint(42, 2), .. Varint(43, ulong.MaxValue)]);
        // NormalizerSpec: identity, add_dummy_prefix, no remove_extra_whitespaces, escape_whitespaces.
        Message(model, 3, [.. Varint(3, 1), .. Varint(4, 0), .. Varint(5, 1)]);
        return [.. model];

        void Add(string text, float score, ulong type)
        {
            var piece = new List<byte>();
            Message(piece, 1, Encoding.UTF8.GetBytes(text));
            piece.AddRange([0x15, .. BitConverter.GetBytes(score)]);
            piece.AddRange(Varint(3, type));
            Message(model, 1, [.. piece]);
        }
    }

    private static void Message(List<byte> target, int field, byte[] content)
    {
        target.AddRange(Number(((ulong)field << 3) | 2));
        target.AddRange(Number((ulong)content.Length));
        target.AddRange(content);
    }

    private static byte[] Varint(int field, ulong value) => [.. Number((ulong)field << 3), .. Number(value)];

    private static IEnumerable<byte> Number(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
