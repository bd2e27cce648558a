using System.Text.RegularExpressions;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class RegexConstraintTests(ITestOutputHelper output)
{
    private static readonly Tokenizer Bytes = ConstraintVocabularies.ByteLevel(
        Enumerable.Range(0, 256).Select(value => (byte)value), "ab", "abc", "12", "3.1", " the", "\n\n", "é", "日本", "a b", "--", "\"}", "://", "@");

    private static readonly Tokenizer Pieces = ConstraintVocabularies.ByteFallback("▁", "▁a", "a", "b", "ab", "▁the", "1", "12", "-", "é", "日本");

    public static TheoryData<string> Patterns =>
    [
        "abc", "a|b|abc", "(ab|a)(c|bcd)?", "[a-z]{3,5}", "[^a-z]{1,4}", "\\d{4}-\\d{2}-\\d{2}", "(?:yes|no|maybe)", "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,3})?",
        "[\\w.-]{1,10}@[a-z]{1,8}\\.(com|org)", ".{0,6}", "(a b|12)*", "[é日😀]{3}", "\\w{2} \\w{2}", "^a+$", "^(x|y)+?z", "[\\x20-\\x7E]{1,20}", "(a?){4}b", "(?i)hello", "[A-ZÀ-Þ][a-zß-ÿ]{2,4}", "[^\\n]{5}", "",
    ];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Process_RandomChoices_EveryTextMatches(string pattern)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var constraint = new RegexConstraint(pattern);
        var expected = new Regex($"\\A(?:{pattern})\\z", RegexOptions.CultureInvariant);
        foreach (var tokenizer in new[] { Bytes, Pieces })
        {
            var sampler = new ConstrainedSampler(ConstraintVocabularies.Context(tokenizer), new Random(seed));
            for (var i = 0; i < 30; i++)
            {
                var text = sampler.Generate(constraint);
                Assert.True(Matches(expected, text, tokenizer == Pieces), $"'{text}' does not match '{pattern}' (seed {seed})");
            }
        }
    }

    // Of every beginning of a text of the language, the tokens that begin another one: counted from .NET's matches of all texts of four characters.
    [Theory]
    [InlineData("a|b|abc")]
    [InlineData("(ab|ba){1,2}")]
    [InlineData("a?b?c?")]
    [InlineData("[ab][^a]?c*")]
    [InlineData("(a|bb)*")]
    [InlineData("c{2,3}|(ab)+")]
    public void Process_SmallVocabulary_MaskEqualsBruteForce(string pattern)
    {
        const int Longest = 7;
        var tokenizer = ConstraintVocabularies.ByteLevel("abc"u8.ToArray(), "ab", "bb", "abc", "cc");
        var context = ConstraintVocabularies.Context(tokenizer);
        var regex = new Regex($"\\A(?:{pattern})\\z", RegexOptions.CultureInvariant);
        var language = Strings("abc", Longest).Where(text => regex.IsMatch(text)).ToHashSet(StringComparer.Ordinal);
        var beginnings = language.SelectMany(text => Enumerable.Range(0, text.Length + 1).Select(length => text[..length])).ToHashSet(StringComparer.Ordinal);
        var constraint = new RegexConstraint(pattern);
        var compared = 0;
        foreach (var beginning in beginnings.Where(text => text.Length <= Longest - 4))
        {
            int[] ids = [0, 0, .. beginning.Select(c => tokenizer.TokenToId(c.ToString())!.Value)];
            var expected = Enumerable.Range(0, context.VocabularySize).Where(id => id == context.EndOfSequence[0]
                ? language.Contains(beginning)
                : tokenizer.IdToToken(id) is { } token && beginnings.Contains(beginning + token));

            Assert.Equal(expected, ConstrainedSampler.Allowed(constraint.Begin(context), ids, context.VocabularySize));
            compared++;
        }

        output.WriteLine($"{compared} beginnings");
        Assert.True(compared > 2);
    }

    [Theory]
    [InlineData("a(?=b)", ConstraintError.UnsupportedPattern)]
    [InlineData("(?<!b)a", ConstraintError.UnsupportedPattern)]
    [InlineData("a\\bb", ConstraintError.UnsupportedPattern)]
    [InlineData("(?>a|ab)c", ConstraintError.UnsupportedPattern)]
    [InlineData("a++", ConstraintError.UnsupportedPattern)]
    [InlineData("(", ConstraintError.UnsupportedPattern)]
    [InlineData("a$b", ConstraintError.UnsupportedPattern)]
    [InlineData("[^\\s\\S]", ConstraintError.Unsatisfiable)]
    [InlineData("((a{1000}){1000}){1000}", ConstraintError.LimitExceeded)]
    public void Constructor_PatternThatCantBe_ThrowsTyped(string pattern, ConstraintError error) =>
        Assert.Equal(error, Assert.Throws<ConstraintException>(() => new RegexConstraint(pattern)).Error);

    [Fact]
    public void Process_VocabularyWithoutACharacter_ThrowsUnsatisfiable()
    {
        var tokenizer = ConstraintVocabularies.ByteLevel("a"u8.ToArray());
        var processor = new RegexConstraint("ab").Begin(ConstraintVocabularies.Context(tokenizer));

        Assert.Equal([0], ConstrainedSampler.Allowed(processor, [0, 0], tokenizer.VocabularySize));
        Assert.Equal(ConstraintError.Unsatisfiable, Assert.Throws<ConstraintException>(() => processor.Process([0, 0, 0], 2, new float[9])).Error);
    }

    [Fact]
    public void Process_CompleteTextWithoutEndToken_ThrowsUnsatisfiable()
    {
        var tokenizer = ConstraintVocabularies.ByteLevel("a"u8.ToArray());
        var processor = new RegexConstraint("a").Begin(new(tokenizer, [], tokenizer.VocabularySize));

        Assert.Equal(ConstraintError.Unsatisfiable, Assert.Throws<ConstraintException>(() => processor.Process([0], 0, new float[9])).Error);
    }

    [Fact]
    public void Process_TokenThatWasForbidden_ThrowsViolated()
    {
        var tokenizer = ConstraintVocabularies.ByteLevel("ab"u8.ToArray());
        var processor = new RegexConstraint("ab").Begin(ConstraintVocabularies.Context(tokenizer));

        Assert.Equal(ConstraintError.Violated, Assert.Throws<ConstraintException>(() => processor.Process([1], 0, new float[9])).Error);
    }

    // Beams take turns: the tokens of a call need not continue those of the call before.
    [Fact]
    public void Process_TokensOfOtherBeams_AnswersByTheTokensAlone()
    {
        var tokenizer = ConstraintVocabularies.ByteLevel("ab"u8.ToArray(), "ab");
        var context = ConstraintVocabularies.Context(tokenizer);
        var constraint = new RegexConstraint("(ab|ba)+");
        var processor = constraint.Begin(context);
        foreach (var beam in new int[][] { [0, 1], [1], [0, 1, 1], [], [2, 2], [1, 0], [1] })
        {
            int[] ids = [0, 0, .. beam];

            Assert.Equal(ConstrainedSampler.Allowed(constraint.Begin(context), ids, context.VocabularySize), ConstrainedSampler.Allowed(processor, ids, context.VocabularySize));
        }
    }

    [Fact]
    public void Process_ManyThreads_KeepTheConstraint()
    {
        var constraint = new RegexConstraint("[a-z]{2,8}( [a-z]{2,8}){0,3}");
        var expected = new Regex("\\A(?:[a-z]{2,8}( [a-z]{2,8}){0,3})\\z");

        Parallel.For(0, 32, i => Assert.Matches(expected, new ConstrainedSampler(ConstraintVocabularies.Context(Bytes), new Random(i)).Generate(constraint)));
    }

    [Fact]
    public void Process_OnTheSharedInstance_SaysToBegin() =>
        Assert.Throws<InvalidOperationException>(() => new RegexConstraint("a").Process([], 0, []));

    // The tokenizer of pieces drops a space at the very start of a text. .NET counts in UTF-16: a character beyond U+FFFF is compared as one of the same kind.
    private static bool Matches(Regex regex, string text, bool dropsSpace) =>
        regex.IsMatch(text) || regex.IsMatch(OneUnitEach(text)) || (dropsSpace && (regex.IsMatch(" " + text) || regex.IsMatch(" " + OneUnitEach(text))));

    private static string OneUnitEach(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? rune.ToString() : "日"));

    private static IEnumerable<string> Strings(string alphabet, int longest) =>
        Enumerable.Range(0, longest).Aggregate((IEnumerable<string>)[""], (strings, _) => [.. strings, .. strings.Where(text => text.Length == strings.Max(other => other.Length)).SelectMany(text => alphabet.Select(c => text + c))]);
}
