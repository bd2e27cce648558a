using System.Text;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Regular expressions of tokenizer.json, seen through the pieces of a Split whose words are all unknown.</summary>
public sealed class RegexMatcherTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData(@"\d{1,3}", "a12345b", "a|123|45|b")]
    [InlineData(@"[^\s\p{L}]+", "ab 12 cd!", "ab |12| cd|!")]
    [InlineData(@"\p{L}+", "x𠀀y1𝒜", "x𠀀y|1|𝒜")]
    [InlineData(@"[😀-😂]", "a😁b", "a|😁|b")]
    [InlineData(@"[^a]", "a😁b", "a|😁|b")]
    [InlineData(@"(?i:'s|'LL)", "it'S we'll", "it|'S| we|'ll")]
    [InlineData(@"(?i)ab(?-i:c)", "ABc ABC", "ABc| ABC")]
    [InlineData(@"a(?=b)", "abac", "a|bac")]
    [InlineData(@"a(?!b)", "abac", "ab|a|c")]
    [InlineData(@"(?<!\d)x", "x1x", "x|1x")]
    [InlineData(@"(?<=\d)x", "x1x", "x1|x")]
    [InlineData(@"<.+?>", "<a><b>", "<a>|<b>")]
    [InlineData(@"<.+>", "-<a><b>-", "-|<a><b>|-")]
    [InlineData(@"a++a", "aaa", "aaa")]
    [InlineData(@"(?>a|ab)c", "abcac", "abc|ac")]
    [InlineData(@"(?:ab){2}", "ababab", "abab|ab")]
    [InlineData(@"(?:ab|a)*c", "xaabac", "x|aabac")]
    [InlineData(@"x{,2}y", "xxxy", "x|xxy")]
    [InlineData(@"\bcat\b", "cat concat cat", "cat| concat |cat")]
    [InlineData(@"^b|c$", "b\nbc\nc", "b|\n|b|c|\n|c")]
    [InlineData(@"\Ab|c\z", "bbcc", "b|bc|c")]
    [InlineData(@"[\w&&[^\d]]+", "ab12", "ab|12")]
    [InlineData(@"[a\-z\]]+", "a-b]z", "a-|b|]z")]
    [InlineData(@"[一-龥]", "a中b", "a|中|b")]
    [InlineData(@"\u4e2d|\x{20000}", "a中𠀀", "a|中|𠀀")]
    [InlineData(@"\p{^L}+", "ab12", "ab|12")]
    [InlineData(@"\P{L}+", "ab12", "ab|12")]
    [InlineData(@"b*", "abba", "a|bb|a")]
    public void Split_Pattern_CutsAsOniguruma(string pattern, string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Cut(pattern, text)));

    [Theory]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("[a")]
    [InlineData("*a")]
    [InlineData(@"a\")]
    [InlineData(@"(a)\1")]
    [InlineData(@"(?:a*)*")]
    [InlineData(@"(?<=ab)c")]
    [InlineData(@"(?<name>a)")]
    [InlineData(@"\p{Nothing}")]
    [InlineData("[z-a]")]
    [InlineData("a{3,2}")]
    [InlineData("((a{1000}){1000}){1000}")]
    [InlineData("(((((){1000}){1000}){1000}){1000}){1000}")]
    [InlineData("[[:alpha:]]")]
    public void FromHuggingFace_PatternThatIsNotSupported_IsNamed(string pattern)
    {
        var error = Assert.Throws<TokenizerException>(() => Load(pattern));
        Assert.Equal(TokenizerError.UnsupportedSetting, error.Error);
        Assert.Contains(pattern[..Math.Min(pattern.Length, 10)], error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"(?:a|aa)+b")]
    [InlineData(@"a*a*a*b")]
    public void Encode_PatternThatBacktracksWithoutEnd_Stops(string pattern)
    {
        var tokenizer = Load(pattern);
        var error = Assert.Throws<TokenizerException>(() => tokenizer.Encode(new('a', 5_000)));
        Assert.Equal(TokenizerError.PatternTooSlow, error.Error);
        Assert.Equal(2, tokenizer.Encode("xaab").Count);
    }

    // A thousand steps a character are given; these need less than 64.
    [Theory]
    [InlineData(nameof(KnownPatterns.Gpt4))]
    [InlineData(nameof(KnownPatterns.Gpt4o))]
    [InlineData(nameof(KnownPatterns.Llama3))]
    [InlineData(nameof(KnownPatterns.Qwen2))]
    [InlineData(nameof(KnownPatterns.DeepSeek))]
    [InlineData(nameof(KnownPatterns.Gpt2))]
    public void TryFind_MegabyteOfOneKind_TakesLinearWork(string name)
    {
        var matcher = new RegexMatcher(KnownPatterns.Find(name));
        foreach (var unit in (string[])[" ", "\n", " \n", "a", "A", "aA", "\u0301", "中", "1", "'", "'s", "!", "! ", "𠀀", "\u00A0a", "\0"])
        {
            var text = string.Concat(Enumerable.Repeat(unit, Megabyte / unit.Length));
            var steps = 64L * text.Length;
            for (var from = 0; matcher.TryFind(text, from, ref steps, out var start, out var end); from = end)
            {
                Assert.Equal(from, start);
                Assert.True(end > start);
            }
        }
    }

    private static IEnumerable<string> Cut(string pattern, string text)
    {
        var encoding = Load(pattern).Encode(text);
        return encoding.Offsets.ToArray().Select(o => text[o.Start..o.End]);
    }

    private static Tokenizer Load(string pattern) => Tokenizer.FromHuggingFace(Encoding.UTF8.GetBytes(new JsonObject
    {
        ["pre_tokenizer"] = new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated" },
        ["model"] = new JsonObject { ["type"] = "WordLevel", ["unk_token"] = "?", ["vocab"] = new JsonObject { ["?"] = 0 } },
    }.ToJsonString()));
}
