using System.Text;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Tokenizers of other formats than tokenizer.json.</summary>
public sealed class FormatTests
{
    // The numbers that SentencePiece's own documentation gives for this model (python/README.md).
    [Theory]
    [InlineData("This is a test", "284 47 11 4 15 400", "▁This|▁is|▁a|▁|t|est")]
    [InlineData("Hello world", "151 88 21 887", "▁He|ll|o|▁world")]
    public void FromFiles_SentencePiece_EqualsItsDocumentation(string text, string ids, string tokens)
    {
        var tokenizer = SentencePiece();
        var encoding = tokenizer.Encode(text);
        Assert.Equal(ids, string.Join(' ', encoding.Ids.ToArray()));
        Assert.Equal(tokens, string.Join('|', encoding.Tokens));
        Assert.Equal(text, tokenizer.Decode(encoding.Ids.Span));
    }

    [Fact]
    public void FromFiles_SentencePiece_TextComesBackWithoutExtraSpaces()
    {
        var tokenizer = SentencePiece();
        Assert.Equal((1000, 1, 2, 0), (tokenizer.VocabularySize, tokenizer.TokenToId("<s>"), tokenizer.TokenToId("</s>"), tokenizer.SpecialTokens.Unknown));
        Assert.Equal(tokenizer.Encode("This is a test").Ids.ToArray(), tokenizer.Encode("  This   is a\u3000test ").Ids.ToArray());
        var known = 0;
        foreach (var line in File.ReadLines(Repository.Shared("tokenizers", "sentencepiece", "botchan.txt")))
        {
            // The model knows not every character of its own text.
            var ids = tokenizer.Encode(line).Ids;
            if (!ids.Span.Contains(0))
            {
                known++;
                Assert.Equal(string.Join(' ', line.Normalize(NormalizationForm.FormKC).Split(' ', StringSplitOptions.RemoveEmptyEntries)), tokenizer.Decode(ids.Span, new() { CleanUpTokenizationSpaces = false }));
            }
        }

        Assert.InRange(known, 3000, int.MaxValue);
    }

    [Fact]
    public void FromFiles_SentencePieceCutAnywhere_ThrowsOnlyTokenizerExceptions()
    {
        var file = File.ReadAllBytes(Repository.Shared("tokenizers", "sentencepiece", "test_model.model"));
        for (var length = 0; length < file.Length; length += 997)
        {
            try
            {
                _ = FromFile("spiece.model", file[..length]);
            }
            catch (TokenizerException)
            {
            }
        }
    }

    [Fact]
    public void FromFiles_TiktokenOfGpt2_EqualsItsMerges()
    {
        var reference = SharedTokenizers.Load("gpt2");
        var tokenizer = FromFile("r50k_base.tiktoken", Tiktoken(reference, 50256));
        foreach (var line in File.ReadLines(Repository.Shared("tokenizers", "sentencepiece", "botchan.txt")).Concat(new GeneratedTexts(7).Take(1000)))
        {
            // The Split of this pattern counts U+0085 as white space and not U+FEFF; GPT-2's own class is ECMAScript's.
            if (!line.Contains('\u0085', StringComparison.Ordinal) && !line.Contains('\uFEFF', StringComparison.Ordinal))
            {
                Assert.Equal(reference.Encode(line).Ids.ToArray(), tokenizer.Encode(line).Ids.ToArray());
            }
        }
    }

    [Fact]
    public void FromFiles_TiktokenCl100k_SplitsItsWay()
    {
        var tokenizer = FromFile("cl100k_base.tiktoken", Encoding.ASCII.GetBytes("YQ== 0\nYWE= 1\nMQ== 2\nMTE= 3\nMTEx 4\nMTExMQ== 5\n"));
        Assert.Equal([1, 4, 2, 100257], tokenizer.Encode("aa1111<|endoftext|>").Ids.ToArray());
        Assert.Equal("aa1111<|endoftext|>", tokenizer.Decode([1, 4, 2, 100257]));
    }

    [Theory]
    [InlineData("mine.tiktoken", "YQ== 0\n", TokenizerError.UnsupportedSetting)]
    [InlineData("cl100k_base.tiktoken", "", TokenizerError.MissingVocabulary)]
    [InlineData("cl100k_base.tiktoken", "YQ==\n", TokenizerError.Malformed)]
    [InlineData("cl100k_base.tiktoken", "%%%% 0\n", TokenizerError.Malformed)]
    [InlineData("cl100k_base.tiktoken", "YQ== 99999999\n", TokenizerError.Malformed)]
    [InlineData("spiece.model", "", TokenizerError.MissingVocabulary)]
    [InlineData("sentencepiece.bpe.model", "x", TokenizerError.UnsupportedSetting)]
    [InlineData("weights.bin", "x", TokenizerError.MissingFile)]
    public void FromFiles_FileThatDoesNotDo_SaysWhy(string name, string content, TokenizerError error) =>
        Assert.Equal(error, Assert.Throws<TokenizerException>(() => FromFile(name, Encoding.ASCII.GetBytes(content))).Error);

    private static Tokenizer SentencePiece() => FromFile("spiece.model", File.ReadAllBytes(Repository.Shared("tokenizers", "sentencepiece", "test_model.model")));

    private static Tokenizer FromFile(string name, byte[] content) => Tokenizer.FromFiles(new Dictionary<string, ReadOnlyMemory<byte>> { [name] = content });

    /// <summary>The vocabulary as a .tiktoken file: each token's bytes, and its number, which is its rank.</summary>
    private static byte[] Tiktoken(Tokenizer reference, int count)
    {
        var lines = new StringBuilder();
        for (var id = 0; id < count; id++)
        {
            var bytes = reference.IdToToken(id)!.Select(c => ByteAlphabet.TryGetByte(c, out var value) ? value : throw new InvalidDataException()).ToArray();
            lines.Append(Convert.ToBase64String(bytes)).Append(' ').Append(id).Append('\n');
        }

        return Encoding.ASCII.GetBytes(lines.ToString());
    }
}
