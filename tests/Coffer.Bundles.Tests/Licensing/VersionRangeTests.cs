using Coffer.Bundles;

namespace Coffer.Tests.Licensing;

public sealed class VersionRangeTests
{
    [Theory]
    [InlineData("*", "0.0.1", true)]
    [InlineData("[1.2.0]", "1.2.0", true)]
    [InlineData("[1.2.0]", "1.2.1", false)]
    [InlineData("[1.2.0]", "1.2.0-rc.1", false)]
    [InlineData("[1.0.0,2.0.0)", "1.0.0", true)]
    [InlineData("[1.0.0,2.0.0)", "1.99.99", true)]
    [InlineData("[1.0.0,2.0.0)", "2.0.0", false)]
    [InlineData("[1.0.0,2.0.0)", "2.0.0-beta.1", false)]
    [InlineData("[1.0.0,2.0.0)", "1.0.0-beta.1", false)]
    [InlineData("[1.0.0,2.0.0-beta.2)", "2.0.0-beta.1", true)]
    [InlineData("[1.0.0,2.0.0]", "2.0.0-beta.1", true)]
    [InlineData("(1.0.0,2.0.0]", "1.0.0", false)]
    [InlineData("(1.0.0,2.0.0]", "2.0.0", true)]
    [InlineData("[1.0.0,)", "99.0.0", true)]
    [InlineData("[1.0.0,)", "0.9.0", false)]
    [InlineData("(,2.0.0]", "0.0.1", true)]
    [InlineData("(,)", "1.0.0", true)]
    public void Contains_Version_FollowsTheInterval(string range, string version, bool expected)
    {
        var parsed = VersionRange.Parse(range);
        Assert.Equal(expected, parsed.Contains(SemanticVersion.Parse(version)));
        Assert.Equal(parsed, VersionRange.Parse(parsed.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2.0")]
    [InlineData("[1.2]")]
    [InlineData("(1.2.0)")]
    [InlineData("[1.2.0)")]
    [InlineData("[2.0.0,1.0.0]")]
    [InlineData("[1.0.0,1.0.0)")]
    [InlineData("[,1.0.0]")]
    [InlineData("[1.0.0,]")]
    [InlineData("[1.0.0,2.0.0,3.0.0]")]
    [InlineData("[1.0.0, 2.0.0]")]
    [InlineData("**")]
    public void Parse_NotARange_Throws(string text) => Assert.Throws<FormatException>(() => VersionRange.Parse(text));
}
