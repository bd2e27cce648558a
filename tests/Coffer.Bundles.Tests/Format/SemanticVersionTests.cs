using Coffer.Bundles;

namespace Coffer.Tests.Format;

public sealed class SemanticVersionTests
{
    [Fact]
    public void CompareTo_ExamplesOfTheSpecification_AreInItsOrder()
    {
        // SemVer 2.0.0 §11.4.
        string[] ascending = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"];

        var versions = ascending.Select(SemanticVersion.Parse).ToList();

        Assert.Equal(versions, versions.AsEnumerable().Reverse().Order());
        Assert.All(versions.Zip(versions.Skip(1)), pair => Assert.True(pair.First < pair.Second && pair.Second > pair.First && pair.First != pair.Second));
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("0.0.0")]
    [InlineData("1.2.3-alpha.7.x-y")]
    public void Parse_Version_PrintsTheSame(string text) => Assert.Equal(text, SemanticVersion.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("01.2.3")]
    [InlineData("1.2.-3")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3+build")]
    [InlineData(" 1.2.3")]
    [InlineData("1.2.99999999999")]
    [InlineData("1.2.٣")]
    public void Parse_NotAVersion_ThrowsFormatException(string text) => Assert.Throws<FormatException>(() => SemanticVersion.Parse(text));
}
