using System.Text;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>What single components do, each in a tokenizer that is small enough to see through.</summary>
public sealed class ComponentTests(ITestOutputHelper output)
{
    private const string Words = """{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"a":4,"b":5,"c":6,"d":7,"e":8,"f":9}""";

    [Fact]
    public void EncodeBatch_PadLongestRight_FillsRows()
    {
        var batch = WordTokenizer().EncodeBatch(["a b c", "d"], new() { Padding = PaddingStrategy.Longest });
        Assert.Equal([2, 4, 5, 6, 3], batch[0].Ids.ToArray());
        Assert.Equal([2, 7, 3, 0, 0], batch[1].Ids.ToArray());
        Assert.Equal([1, 1, 1, 0, 0], batch[1].AttentionMask.ToArray());
        Assert.Equal([1, 0, 1, 1, 1], batch[1].SpecialTokensMask.ToArray());
        Assert.Equal([-1, 0, -1, -1, -1], batch[1].WordIds.ToArray());
        Assert.Equal("[PAD]", batch[1].Tokens[4]);
    }

    [Fact]
    public void Encode_PadLeftToMultiple_FillsFromTheLeft()
    {
        var options = new EncodeOptions { Padding = PaddingStrategy.Longest, PaddingSide = TokenSide.Left, PadToMultipleOf = 8 };
        var encoding = WordTokenizer().Encode("a b c", options);
        Assert.Equal([0, 0, 0, 2, 4, 5, 6, 3], encoding.Ids.ToArray());
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 1], encoding.AttentionMask.ToArray());
        Assert.Equal(new TextSpan(4, 5), encoding.Offsets.Span[6]);
    }

    [Fact]
    public void Encode_PadToMaxLength_OverflowIsPaddedToo()
    {
        var options = new EncodeOptions { Padding = PaddingStrategy.MaxLength, MaxLength = 5, Truncation = TruncationStrategy.LongestFirst };
        var encoding = WordTokenizer().Encode("a b c d", options);
        Assert.Equal([2, 4, 5, 6, 3], encoding.Ids.ToArray());
        Assert.Equal([2, 7, 3, 0, 0], Assert.Single(encoding.Overflowing).Ids.ToArray());
    }

    [Fact]
    public void Encode_PaddingWithoutPaddingToken_Throws()
    {
        var tokenizer = Load(new() { ["model"] = Model("""{"a":0}""") });
        Assert.Equal(TokenizerError.InvalidOptions, Assert.Throws<TokenizerException>(() => tokenizer.Encode("a", new() { Padding = PaddingStrategy.Longest })).Error);
    }

    [Fact]
    public void Encode_TruncationLeft_KeepsTheEnd()
    {
        var options = new EncodeOptions { MaxLength = 5, Stride = 1, Truncation = TruncationStrategy.LongestFirst, TruncationSide = TokenSide.Left };
        var encoding = WordTokenizer().Encode("a b c d e f", options);
        Assert.Equal([2, 7, 8, 9, 3], encoding.Ids.ToArray());
        Assert.Equal([[2, 5, 6, 7, 3], [2, 4, 5, 3]], encoding.Overflowing.Select(o => o.Ids.ToArray()));
    }

    [Theory]
    [InlineData(TruncationStrategy.OnlyFirst, "2 4 3 7 8 9 3")]
    [InlineData(TruncationStrategy.OnlySecond, "2 4 5 6 3 7 3")]
    [InlineData(TruncationStrategy.LongestFirst, "2 4 5 3 7 8 3")]
    public void EncodePair_Truncation_CutsWhatItNames(TruncationStrategy strategy, string expected)
    {
        var encoding = WordTokenizer().EncodePair("a b c", "d e f", new() { MaxLength = 7, Truncation = strategy });
        Assert.Equal(expected, string.Join(' ', encoding.Ids.ToArray()));
        Assert.NotEmpty(encoding.Overflowing);
    }

    [Fact]
    public void Encode_StrideOverGeneratedLengths_CoversEveryTokenWithItsOverlap()
    {
        var tokenizer = WordTokenizer();
        for (var count = 1; count < 40; count++)
        {
            var text = string.Join(' ', Enumerable.Range(0, count).Select(i => (char)('a' + (i % 6))));
            foreach (var (length, stride) in ((int, int)[])[(1, 0), (3, 0), (3, 2), (7, 3)])
            {
                var first = tokenizer.Encode(text, new() { MaxLength = length, Stride = stride, Truncation = TruncationStrategy.LongestFirst, AddSpecialTokens = false });
                var windows = first.Overflowing.Prepend(first).Select(w => w.Offsets.ToArray()).ToArray();
                for (var i = 1; i < windows.Length; i++)
                {
                    Assert.Equal(windows[i - 1][^stride..], windows[i][..stride]);
                }

                Assert.Equal(count, windows.SelectMany(w => w).Distinct().Count());
            }
        }
    }

    [Fact]
    public void Encode_StrideNotBelowWindow_Throws() =>
        Assert.Equal(TokenizerError.InvalidOptions, Assert.Throws<TokenizerException>(() => WordTokenizer().Encode("a b c d", new() { MaxLength = 4, Stride = 2, Truncation = TruncationStrategy.LongestFirst })).Error);

    [Fact]
    public void Encode_GeneratedTexts_OffsetsSliceToTheirTokens()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var tokenizer = SharedTokenizers.Load("gpt2");
        foreach (var text in new GeneratedTexts(seed).Take(500))
        {
            var encoding = tokenizer.Encode(text);
            var position = 0;
            for (var i = 0; i < encoding.Count; i++)
            {
                var span = encoding.Offsets.Span[i];
                Assert.InRange(span.Start, 0, text.Length);
                Assert.InRange(span.End, span.Start, text.Length);

                // Tokens that share a character, which has two units at most, both have its offsets.
                Assert.InRange(span.Start, position - 2, text.Length);
                position = span.End;
                var token = tokenizer.Decode([encoding.Ids.Span[i]], new() { CleanUpTokenizationSpaces = false });

                // Parts of a character have the character's offsets; their own text is not whole.
                if (!token.Contains('\uFFFD', StringComparison.Ordinal))
                {
                    Assert.Equal(token.Trim(), text[span.Start..span.End].Trim());
                }
            }
        }
    }

    [Fact]
    public void Decode_Ctc_JoinsRepeatsAndSeparatesWords()
    {
        var tokenizer = Load(new()
        {
            ["model"] = Model("""{"<pad>":0,"|":1,"h":2,"e":3,"l":4,"o":5}"""),
            ["decoder"] = JsonNode.Parse("""{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true}"""),
        });
        Assert.Equal("hello hello", tokenizer.Decode([2, 2, 3, 0, 4, 4, 0, 4, 5, 5, 0, 1, 1, 2, 3, 4, 0, 4, 5]));
    }

    [Fact]
    public void Encode_UnigramByteFallback_WritesBytesAndReadsThemBack()
    {
        var bytes = Enumerable.Range(0, 256).Select(b => $"[\"<0x{b:X2}>\",-9]");
        var tokenizer = Load(new()
        {
            ["model"] = JsonNode.Parse($$"""{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0],["a",-1],["ab",-1.5],{{string.Join(',', bytes)}}]}"""),
            ["decoder"] = JsonNode.Parse("""{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"}]}"""),
        });
        var encoding = tokenizer.Encode("aab𠀀é");
        Assert.Equal(["a", "ab", "<0xF0>", "<0xA0>", "<0x80>", "<0x80>", "<0xC3>", "<0xA9>"], encoding.Tokens);
        Assert.Equal("aab𠀀é", tokenizer.Decode(encoding.Ids.Span));
        Assert.Equal("a\uFFFD\uFFFD", tokenizer.Decode([1, .. encoding.Ids.Span[2..4]]));
    }

    [Theory]
    [InlineData("Nmt", "a\tb\u200Bc\u0001d\u2581e", "a b cd e")]
    [InlineData("ByteLevel", "é ", "Ã©Ġ")]
    public void Encode_Normalizer_ChangesTheText(string type, string text, string expected)
    {
        var vocabulary = new JsonObject { ["?"] = 0, [expected] = 1 };
        var tokenizer = Load(new() { ["normalizer"] = new JsonObject { ["type"] = type }, ["model"] = Model(vocabulary.ToJsonString()) });
        Assert.Equal([1], tokenizer.Encode(text).Ids.ToArray());
    }

    [Fact]
    public void Encode_ReplaceByRegex_KeepsOffsets()
    {
        var tokenizer = Load(new()
        {
            ["normalizer"] = JsonNode.Parse("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"_"}"""),
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"Split","pattern":{"String":"_"},"behavior":"Isolated"}"""),
            ["model"] = Model("""{"a":0,"_":1,"b c":2}"""),
        });
        var encoding = tokenizer.Encode("a   b c");
        Assert.Equal([0, 1, 2], encoding.Ids.ToArray());
        Assert.Equal([new(0, 1), new(1, 4), new(4, 7)], encoding.Offsets.ToArray());
    }

    [Fact]
    public void StreamDecoder_CleanUp_GivesWhatDecodeGives()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        var tokenizer = SharedTokenizers.Load("gpt2");
        string[] parts = [" .", " ,", " ?", " !", " ' ", " n't", " 'm", " 's", " 've", " 're", " '", " n", "'", " do", "é", "😀", "  ", " the", ".", "n't", "\n"];
        for (var round = 0; round < 500; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            var ids = tokenizer.Encode(text).Ids.ToArray();
            var stream = tokenizer.CreateStreamDecoder(new() { CleanUpTokenizationSpaces = true });
            var streamed = string.Concat(ids.Select(stream.Append).ToArray()) + stream.Complete();
            Assert.Equal(tokenizer.Decode(ids, new() { CleanUpTokenizationSpaces = true }), streamed);
        }
    }

    private static Tokenizer WordTokenizer() => Tokenizer.FromHuggingFace(
        Encoding.UTF8.GetBytes(new JsonObject
        {
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["post_processor"] = JsonNode.Parse("""{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]}"""),
            ["model"] = Model(Words),
        }.ToJsonString()),
        Encoding.UTF8.GetBytes("""{"pad_token":"[PAD]"}"""));

    private static JsonObject Model(string vocabulary) => new() { ["type"] = "WordLevel", ["vocab"] = JsonNode.Parse(vocabulary) };

    private static Tokenizer Load(JsonObject json) => Tokenizer.FromHuggingFace(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
