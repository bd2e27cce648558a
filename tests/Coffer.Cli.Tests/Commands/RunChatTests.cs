using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Cli.Tests.Commands;

public sealed class RunChatTests(Vendor vendor) : IClassFixture<Vendor>
{
    private const string Template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

    [Fact]
    public async Task Run_Turns_AreOneConversationByTheTemplate()
    {
        var results = (await ChatAsync("--system", "Be kind.", "Hello", "And you?", "--max-new-tokens", "8", "--json")).Succeeds().Json.GetProperty("results");

        var (first, second) = (results[0], results[1]);
        List<ChatTurn> turns = [ChatTurn.System("Be kind."), ChatTurn.User("Hello")];
        Assert.Equal(Tokens(turns), first.GetProperty("promptTokens").GetInt32());
        turns.AddRange([ChatTurn.Assistant(first.GetProperty("text").GetString()!), ChatTurn.User("And you?")]);
        Assert.Equal(Tokens(turns), second.GetProperty("promptTokens").GetInt32());
        Assert.Equal("And you?", second.GetProperty("input").GetString());
    }

    [Fact]
    public async Task Run_Streamed_WritesWhatJsonHolds()
    {
        string[] line = ["--chat", "Hello", "And you?", "--max-new-tokens", "8", "--regex", "[a-z]{4,6}"];

        var text = (await ChatAsync(line)).Succeeds().Out;
        var results = (await ChatAsync([.. line, "--json"])).Succeeds().Json.GetProperty("results");

        Assert.Equal(string.Concat(results.EnumerateArray().Select(result => result.GetProperty("text").GetString() + Environment.NewLine)), text);
    }

    [Fact]
    public async Task Run_WithoutChat_InputsStandAlone()
    {
        var results = (await ChatAsync("Hello", "Hello", "--max-new-tokens", "8", "--json")).Succeeds().Json.GetProperty("results");

        Assert.Equal(results[0].GetProperty("text").GetString(), results[1].GetProperty("text").GetString());
        Assert.Equal(results[0].GetProperty("promptTokens").GetInt32(), results[1].GetProperty("promptTokens").GetInt32());
    }

    [Fact]
    public async Task Run_TurnThatIsTooLong_IsReportedAndIsNoPartOfTheConversation()
    {
        var run = await ChatAsync("--chat", "Hello", new string('x', 300), "Hello again", "--max-new-tokens", "4", "--json");

        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        var results = run.Json.GetProperty("results");
        Assert.Equal(2, results.GetArrayLength());
        Assert.Equal(
            Tokens([ChatTurn.User("Hello"), ChatTurn.Assistant(results[0].GetProperty("text").GetString()!), ChatTurn.User("Hello again")]),
            results[1].GetProperty("promptTokens").GetInt32());
    }

    [Fact]
    public async Task Run_Regex_HoldsTheText()
    {
        foreach (var line in new[] { new[] { "Is it?" }, ["--chat", "Is it?"], ["Is it?", "--temperature", "1.5", "--seed", "3"] })
        {
            Assert.Matches("^(yes|no)$", (await ChatAsync([.. line, "--regex", "yes|no"])).Succeeds().Out.TrimEnd());
        }
    }

    [Fact]
    public async Task Run_JsonSchema_HoldsTheText()
    {
        var schema = vendor.File("answer.json");
        await File.WriteAllTextAsync(schema, """{"type": "object", "properties": {"sure": {"type": "boolean"}, "kind": {"enum": ["rain", "snow"]}}, "required": ["sure", "kind"]}""", TestContext.Current.CancellationToken);

        var text = (await ChatAsync("--chat", "What is it?", "--json-schema", schema, "--max-new-tokens", "60")).Succeeds().Out;

        using var answer = JsonDocument.Parse(text);
        Assert.Contains(answer.RootElement.GetProperty("kind").GetString(), new[] { "rain", "snow" });
        Assert.True(answer.RootElement.GetProperty("sure").ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task Run_ConstraintsThatDontDo_SayWhatToDo()
    {
        var broken = vendor.File("broken.json");
        await File.WriteAllTextAsync(broken, """{"type": "spoon"}""", TestContext.Current.CancellationToken);

        Assert.Contains("--regex", (await ChatAsync("x", "--json-schema", broken, "--regex", "a")).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        Assert.Contains("spoon", (await ChatAsync("x", "--json-schema", broken)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        (await ChatAsync("x", "--json-schema", vendor.File("none.json"))).FailsWith(ExitCodes.Usage);
        (await ChatAsync("x", "--regex", "a(b")).FailsWith(ExitCodes.Usage);
        Assert.Equal("constraint", (await ChatAsync("x", "--regex", "(?=a)b", "--json")).ErrorJson.GetProperty("kind").GetString());
    }

    [Fact]
    public async Task Run_ModelWithoutATemplate_SaysSo()
    {
        var (bundle, license) = await vendor.PackAsync(Repository.File("tests", "architectures", "decoders", "llama"), "text-generation", "plain");

        var run = (await vendor.RunAsync(["--chat", "Hello"], bundle: bundle, license: license)).FailsWith(ExitCodes.Usage);

        Assert.Contains("no chat template", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TaskThatHasNoChats_SaysWhichItIs()
    {
        var (bundle, license) = await vendor.PackAsync(Repository.File("tests", "architectures", "decoders", "marian"), "translation", "pair");

        Assert.Contains("'translation'", (await vendor.RunAsync(["--chat", "Hello"], bundle: bundle, license: license)).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        Assert.Contains("'image-classification'", (await vendor.RunAsync([Vendor.Picture("one.png"), "--regex", "a"])).FailsWith(ExitCodes.Usage).Error, StringComparison.Ordinal);
        Assert.Equal("oui", (await vendor.RunAsync(["Hello", "--regex", "oui"], bundle: bundle, license: license)).Succeeds().Out.TrimEnd());
    }

    private static int Tokens(IReadOnlyList<ChatTurn> turns)
    {
        var folder = Repository.File("tests", "architectures", "decoders", "gpt2");
        var tokenizer = Tokenizer.FromFiles(new[] { "tokenizer.json", "tokenizer_config.json" }.ToDictionary(name => name, name => (ReadOnlyMemory<byte>)File.ReadAllBytes(Path.Combine(folder, name))));
        return tokenizer.Encode(ChatTemplate.Parse(Template).Render(turns, new ChatTemplateOptions { AddGenerationPrompt = true }), new EncodeOptions { AddSpecialTokens = false }).Count;
    }

    private async Task<ToolRun> ChatAsync(params string[] line)
    {
        var folder = vendor.File("chatty");
        if (!Directory.Exists(folder))
        {
            var from = Repository.File("tests", "architectures", "decoders", "gpt2");
            foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(folder, Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }

            var config = Path.Combine(folder, "tokenizer_config.json");
            var node = JsonNode.Parse(await File.ReadAllBytesAsync(config, TestContext.Current.CancellationToken))!;
            node["chat_template"] = Template;
            await File.WriteAllTextAsync(config, node.ToJsonString(), Encoding.UTF8, TestContext.Current.CancellationToken);
        }

        var (bundle, license) = await vendor.PackAsync(folder, "text-generation", "chatty");
        return await vendor.RunAsync(line, bundle: bundle, license: license);
    }
}
