using Microsoft.Extensions.AI;

namespace Coffer.Extensions.Tests;

public sealed class ToolCallReaderTests
{
    private const string Call = """Before <b <tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>""";

    // Whatever pieces a text comes in, the same is found, and nothing of a mark is given out as text.
    [Fact]
    public void Read_TextInPiecesOfAnySize_FindsTheSame()
    {
        for (var size = 1; size <= Call.Length; size++)
        {
            var reader = new ToolCallReader("<tool_call>", "</tool_call>", "r");
            var contents = new List<AIContent>();
            for (var at = 0; at < Call.Length; at += size)
            {
                contents.AddRange(reader.Read(Call.Substring(at, Math.Min(size, Call.Length - at)), at + size >= Call.Length));
            }

            Assert.Equal("Before <b ", string.Concat(contents.OfType<TextContent>().Select(text => text.Text)));
            var call = Assert.Single(contents.OfType<FunctionCallContent>());
            Assert.Equal(("add", "r-0", "1"), (call.Name, call.CallId, call.Arguments!["a"]!.ToString()));
            Assert.Equal(1, reader.Calls);
        }
    }

    [Theory]
    [InlineData("<tool_call>{\"name\": \"add\", \"argu")]
    [InlineData("<tool_call>not JSON</tool_call>")]
    [InlineData("<tool_call>{\"arguments\": {}}</tool_call>")]
    [InlineData("<tool_call>{\"name\": \"add\", \"arguments\": 3}</tool_call>")]
    [InlineData("1 < 2 and <tool")]
    public void Read_NoCall_IsText(string text)
    {
        var reader = new ToolCallReader("<tool_call>", "</tool_call>", "r");

        var contents = reader.Read(text, isLast: true);

        Assert.Equal(text, string.Concat(contents.Cast<TextContent>().Select(content => content.Text)));
        Assert.Equal(0, reader.Calls);
    }
}
