using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class TokenizerTests
{
    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("gpt2")]
    public void TryEncode_Warm_AllocatesNothing(string folder)
    {
        var tokenizer = SharedTokenizers.Load(folder);
        var text = File.ReadAllText(Repository.Shared("tokenizers", "sentencepiece", "botchan.txt"));
        var ids = new int[text.Length];
        var (count, allocated) = (0, long.MaxValue);
        for (var i = 0; i < 60 && allocated > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.True(tokenizer.TryEncode(text, ids, out count));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // Tiered compilation allocates a little on the way.
        Assert.Equal(0, allocated);
        Assert.InRange(count, 10_000, text.Length);
    }

    [Fact]
    public void Encode_Offsets_SliceTheOriginal()
    {
        var encoding = SharedTokenizers.Load("bert-base-uncased").Encode("Café  costs $5!");
        Assert.Equal(["[CLS]", "cafe", "costs", "$", "5", "!", "[SEP]"], encoding.Tokens);
        Assert.Equal(["", "Café", "costs", "$", "5", "!", ""], encoding.Offsets.ToArray().Select(o => "Café  costs $5!"[o.Start..o.End]));
    }

    [Fact]
    public void Encode_BeyondMaxLength_SaysByHowMuch()
    {
        var tokenizer = SharedTokenizers.Load("bert-base-uncased");
        var error = Assert.Throws<TokenizerException>(() => tokenizer.Encode("one two three", new() { MaxLength = 4 }));
        Assert.Equal(TokenizerError.TextTooLong, error.Error);
        Assert.Contains("1 more than the limit of 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_StrideOverLongText_CoversEveryToken()
    {
        var tokenizer = SharedTokenizers.Load("bert-base-uncased");
        var encoding = tokenizer.Encode("one two three four five", new() { MaxLength = 5, Stride = 1, Truncation = TruncationStrategy.LongestFirst });
        Assert.Equal(["[CLS]", "one", "two", "three", "[SEP]"], encoding.Tokens);
        Assert.Equal(["[CLS]", "three", "four", "five", "[SEP]"], Assert.Single(encoding.Overflowing).Tokens);
    }

    [Fact]
    public void FromHuggingFace_UnknownComponent_IsNamed()
    {
        var error = Assert.Throws<TokenizerException>(() => Tokenizer.FromHuggingFace("""{"model":{"type":"Runes","vocab":{}}}"""u8.ToArray()));
        Assert.Equal(TokenizerError.UnknownComponent, error.Error);
        Assert.Contains("Runes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StreamDecoder_PartialCharacters_GivesTheSameText()
    {
        var tokenizer = SharedTokenizers.Load("gpt2");
        const string Text = "naïve 👩‍👩‍👧‍👦 text, isn't it? 中文";
        var stream = tokenizer.CreateStreamDecoder();
        var ids = tokenizer.Encode(Text).Ids.ToArray();
        var parts = (string[])[.. ids.Select(stream.Append), stream.Complete()];
        Assert.Equal(tokenizer.Decode(ids), string.Concat(parts));
        Assert.DoesNotContain(parts, p => p.Contains('\uFFFD', StringComparison.Ordinal));
    }
}
