using System.Text;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Unicode's scripts: in patterns, and as the UnicodeScripts pre-tokenizer.</summary>
public sealed class ScriptTests
{
    // The examples of tokenizers' own tests (pre_tokenizers/unicode_scripts/pre_tokenizer.rs), and what its rules say of spaces and of what has no script.
    [Theory]
    [InlineData("どこで生れ。Yes", "どこで生れ|。|Yes")]
    [InlineData("Apples are りんご 林檎", "Apples are |りんご 林檎")]
    [InlineData("コーヒー2つ", "コーヒー|2|つ")]
    [InlineData("  Привет мир", "Привет мир")]
    [InlineData("ab\uE000cd", "ab\uE000cd")]
    [InlineData("x e\u0301\u0301y", "x e|\u0301\u0301|y")]
    [InlineData("𠀀𠀁a", "𠀀𠀁|a")]
    [InlineData("   ", "")]
    [InlineData("", "")]
    public void UnicodeScripts_CutsWhereTheScriptChanges(string text, string pieces)
    {
        var workspace = new TokenizerWorkspace();
        workspace.Text.Load(text, 0);
        workspace.BeginPieces().Add(new(0, text.Length));
        workspace.CommitPieces();

        new ScriptPreTokenizer().Split(workspace);

        var actual = new List<string>();
        foreach (var piece in workspace.Pieces.Items)
        {
            actual.Add(text[piece.Start..piece.End]);
        }

        Assert.Equal(pieces, string.Join('|', actual));
    }

    [Fact]
    public void FromHuggingFace_UnicodeScripts_IsRead()
    {
        var json = new JsonObject
        {
            ["pre_tokenizer"] = new JsonObject { ["type"] = "UnicodeScripts" },
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["unk_token"] = "?", ["vocab"] = new JsonObject { ["?"] = 0, ["ab "] = 1, ["どこ"] = 2, ["12"] = 3 } },
        };

        var tokenizer = Tokenizer.FromHuggingFace(Encoding.UTF8.GetBytes(json.ToJsonString()));

        Assert.Equal([1, 2, 3, 0], tokenizer.Encode("ab どこ12гд").Ids.ToArray());
    }

    [Theory]
    [InlineData(@"\p{Han}+", "ab中文ひ", "中文")]
    [InlineData(@"\p{Script=Han}+", "ab中文ひ", "中文")]
    [InlineData(@"\p{sc=Hani}+", "ab中文ひ", "中文")]
    [InlineData(@"[\p{Hiragana}\p{Kana}]+", "中ひらカタ中", "ひらカタ")]
    [InlineData(@"\p{^Latin}+", "ab中文 c", "中文 ")]
    [InlineData(@"\P{Latin}+", "ab中文 c", "中文 ")]
    [InlineData(@"[\p{L}&&[^\p{Han}]]+", "中ab文", "ab")]
    [InlineData(@"\p{old_italic}+", "a𐌀𐌁b", "𐌀𐌁")]
    [InlineData(@"\p{Old Italic}+", "a𐌀𐌁b", "𐌀𐌁")]
    [InlineData(@"\p{Inherited}", "e\u0301", "\u0301")]
    [InlineData(@"\p{Common}+", "a1,b", "1,")]
    public void TryFind_Script_MatchesItsCodePoints(string pattern, string text, string found)
    {
        var work = WordMatcher.WorkFor(text.Length);

        Assert.True(new RegexMatcher(pattern).TryFind(text, 0, ref work, out var start, out var end));
        Assert.Equal(found, text[start..end]);
    }

    [Theory]
    [InlineData(@"\p{Klingon}")]
    [InlineData(@"\p{Script=L}")]
    [InlineData(@"\p{Block=Han}")]
    public void Create_UnknownScript_IsNamed(string pattern)
    {
        var failure = Assert.Throws<TokenizerException>(() => new RegexMatcher(pattern));

        Assert.Equal(TokenizerError.UnsupportedSetting, failure.Error);
        Assert.Contains(pattern[3..^1], failure.Message, StringComparison.Ordinal);
    }
}
