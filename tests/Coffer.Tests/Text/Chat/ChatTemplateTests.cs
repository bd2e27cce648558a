using System.Text;
using System.Text.Json.Nodes;
using Coffer.Text;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Tests.Text;

public sealed class ChatTemplateTests
{
    public static TheoryData<string> Families => [.. ChatVectors.Templates.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void Render_TemplateOfAFamily_EqualsJinja(string family)
    {
        var template = ChatTemplate.Parse(ChatVectors.Templates[family], ChatVectors.SpecialTokens);
        foreach (var conversation in ChatVectors.Conversations)
        {
            var name = (string)conversation!["name"]!;
            var expected = ChatVectors.Expected["chats"]![family]![name]!;
            string Render() => template.Render(ChatVectors.MessagesOf(conversation), ChatVectors.OptionsOf(conversation));

            if (expected["text"] is { } text)
            {
                Assert.Equal((string)text!, Render());
            }
            else
            {
                Assert.Throws<TextTemplateException>(Render);
            }
        }
    }

    [Fact]
    public void Render_Snippets_EqualJinja()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 5, 14, 7, 9, TimeSpan.Zero));
        var wrong = new List<string>();
        foreach (var snippet in ChatVectors.Expected["snippets"]!.AsArray())
        {
            var template = (string)snippet!["template"]!;
            string? actual;
            try
            {
                actual = ChatTemplate.Parse(template).Render([], new() { TimeProvider = time });
            }
            catch (TextTemplateException e)
            {
                actual = snippet["error"] is null ? $"{e.Error}: {e.Message}" : null;
            }

            if (actual != (string?)snippet["text"])
            {
                wrong.Add($"{template}\n  expected {(string?)snippet["text"] ?? (string)snippet["error"]!}\n  actual   {actual}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("a\n{% if %}", TextTemplateError.Syntax, 2, 7)]
    [InlineData("{{ a | nothing }}", TextTemplateError.Unsupported, 1, 6)]
    [InlineData("{% import 'x' as y %}", TextTemplateError.Unsupported, 1, 4)]
    [InlineData("\n  {{ a.b }}", TextTemplateError.Undefined, 2, 7)]
    [InlineData("{{ 1 + 'a' }}", TextTemplateError.InvalidOperation, 1, 6)]
    [InlineData("{{ raise_exception('no tools') }}", TextTemplateError.Refused, 1, 19)]
    public void ParseAndRender_WrongTemplate_NamesErrorAndPlace(string template, TextTemplateError error, int line, int column)
    {
        var e = Assert.Throws<TextTemplateException>(() => ChatTemplate.Parse(template).Render([]));

        Assert.Equal((error, line, column), (e.Error, e.Line, e.Column));
    }

    [Theory]
    [InlineData("{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for a in range(99999999999) %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ 'x' * 99999999999 }}")]
    [InlineData("{{ [1] * 99999999999 }}")]
    [InlineData("{% set ns = namespace(a='xxxxxxxx') %}{% for a in range(99) %}{% set ns.a = ns.a + ns.a %}{% endfor %}")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for a in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for a in range(99) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}")]
    [InlineData("{% set ns = namespace(a=[]) %}{% for a in range(200000) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a == ns.a + [] }}{{ ns.a }}")]
    [InlineData("{% set ns = namespace(a='xxxxxxxx') %}{% for a in range(99) %}{% set ns.a = ns.a | replace('x', 'xxxxxxxxxxxxxxxxxxxxxx') %}{% endfor %}")]
    public void Render_TemplateWithoutEnd_IsStoppedByTheLimits(string template)
    {
        var parsed = ChatTemplate.Parse(template);

        Assert.Equal(TextTemplateError.LimitExceeded, Assert.Throws<TextTemplateException>(() => parsed.Render([])).Error);
        Assert.Equal("ok", ChatTemplate.Parse("ok").Render([]));
    }

    [Theory]
    [InlineData("{{ ", "(", ")", " }}")]
    [InlineData("{{ ", "[", "]", " }}")]
    [InlineData("{{ ", "not ", "", "1 }}")]
    [InlineData("{{ ", "-", "", "1 }}")]
    [InlineData("{{ 1", " + 1", "", " }}")]
    [InlineData("{{ a", " if a else a", "", " }}")]
    [InlineData("", "{% if true %}", "{% endif %}", "")]
    [InlineData("{% if false %}", "{% elif false %}", "", "{% endif %}")]
    [InlineData("{{ a", "|d(", ")", " }}")]
    [InlineData("{{ ''", ".strip()", "", " }}")]
    public void ParseAndRender_DeepTemplate_EndsInTextOrTypedError(string begin, string open, string close, string end)
    {
        var template = begin + string.Concat(Enumerable.Repeat(open, 20_000)) + string.Concat(Enumerable.Repeat(close, 20_000)) + end;

        if (Record.Exception(() => ChatTemplate.Parse(template).Render([])) is { } e)
        {
            Assert.True(e is TextTemplateException { Error: TextTemplateError.LimitExceeded or TextTemplateError.Syntax }, e.ToString());
        }
    }

    [Fact]
    public void FromFiles_NamedTemplates_ChoosesByToolsAndName()
    {
        var config = new JsonObject
        {
            ["bos_token"] = new JsonObject { ["content"] = "<bos>" },
            ["chat_template"] = new JsonArray(
                new JsonObject { ["name"] = "default", ["template"] = "{{ bos_token }}default" },
                new JsonObject { ["name"] = "tool_use", ["template"] = "tools{{ tools | length }}" }),
        };
        var template = ChatTemplate.FromFiles(Files(("tokenizer_config.json", config.ToJsonString()), ("additional_chat_templates/rag.jinja", "rag")));
        var tool = ChatVectors.Element(new JsonObject());

        Assert.Equal("<bos>default", template.Render([]));
        Assert.Equal("tools1", template.Render([], new() { Tools = [tool] }));
        Assert.Equal("rag", template.Render([], new() { TemplateName = "rag", Tools = [tool] }));
        Assert.Equal(["default", "rag", "tool_use"], template.Names.Order(StringComparer.Ordinal));
        Assert.Equal(TextTemplateError.Missing, Assert.Throws<TextTemplateException>(() => template.Render([], new() { TemplateName = "none" })).Error);
    }

    [Fact]
    public void FromFiles_JinjaFile_ReplacesTheSettings()
    {
        var template = ChatTemplate.FromFiles(Files(("tokenizer_config.json", """{"chat_template":"settings"}"""), ("chat_template.jinja", "file\n")));

        Assert.Equal("file", template.Render([]));
    }

    [Theory]
    [InlineData(TextTemplateError.Missing, "{}")]
    [InlineData(TextTemplateError.InvalidFile, "{")]
    [InlineData(TextTemplateError.InvalidFile, """{"chat_template":1}""")]
    [InlineData(TextTemplateError.InvalidFile, """{"chat_template":[{"name":"default"}]}""")]
    public void FromFiles_WrongFile_ThrowsTyped(TextTemplateError error, string config) =>
        Assert.Equal(error, Assert.Throws<TextTemplateException>(() => ChatTemplate.FromFiles(Files(("tokenizer_config.json", config)))).Error);

    [Fact]
    public void Render_ManyThreads_GiveTheSame()
    {
        var template = ChatTemplate.Parse(ChatVectors.Templates["qwen"], ChatVectors.SpecialTokens);
        var conversation = ChatVectors.Conversations[5]!;
        var expected = template.Render(ChatVectors.MessagesOf(conversation));

        Parallel.For(0, 64, _ => Assert.Equal(expected, template.Render(ChatVectors.MessagesOf(conversation))));
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Files(params (string Name, string Content)[] files) =>
        files.ToDictionary(file => file.Name, file => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(file.Content));
}
