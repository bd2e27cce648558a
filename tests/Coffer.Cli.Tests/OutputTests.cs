namespace Coffer.Cli.Tests;

public sealed class OutputTests
{
    [Fact]
    public void Line_ControlCharacters_NeverReachTheTerminal()
    {
        using var text = new StringWriter();
        var output = new Output(new ToolHost(text, TextWriter.Null), json: false);

        output.Line("a\e[2Jb\u202Ec\nd\u0085e é 漢");

        Assert.Equal("a\uFFFD[2Jb\uFFFDc d\uFFFDe é 漢", text.ToString().TrimEnd());
    }

    [Fact]
    public void Table_RowsOfDifferentWidth_AlignWithoutTrailingSpaces()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var output = new Output(new ToolHost(text, TextWriter.Null), json: false);

        output.Table([["a", "bb", "c"], ["long", "b", ""]]);

        Assert.Equal("a     bb  c\nlong  b\n", text.ToString());
    }

    [Fact]
    public void Fields_WithoutValue_AreLeftOut()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var output = new Output(new ToolHost(text, TextWriter.Null), json: false);

        output.Fields(("A", "1"), ("Long name", null), ("Bb", "2"));

        Assert.Equal("A   1\nBb  2\n", text.ToString());
    }

    [Fact]
    public void Fail_Json_IsOneObject()
    {
        using var error = new StringWriter();
        var output = new Output(new ToolHost(TextWriter.Null, error), json: true);

        output.Fail(new Failure(ExitCodes.BundleRejected, "bundle", "Truncated", "It ends \"early\"."));

        var json = new ToolRun(0, "", error.ToString()).ErrorJson;
        Assert.Equal("Truncated", json.GetProperty("error").GetString());
        Assert.Equal("It ends \"early\".", json.GetProperty("message").GetString());
    }
}
