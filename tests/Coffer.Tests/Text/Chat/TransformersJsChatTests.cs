using System.Diagnostics;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Chat templates rendered by Coffer and by transformers.js' Jinja.</summary>
public sealed class TransformersJsChatTests(ITestOutputHelper output)
{
    private const int Count = 5_000;

    [Fact]
    public async Task Render_TemplatesOfFamilies_EqualTransformersJs()
    {
        var cases = ChatVectors.Templates.SelectMany(family => ChatVectors.Conversations.Select(chat => (family.Key, Template: family.Value, Chat: chat!))).ToArray();
        var answers = await AskAsync([.. cases.Select(one => new JsonObject { ["template"] = one.Template, ["variables"] = ChatVectors.VariablesOf(one.Chat) })]);

        foreach (var ((family, template, chat), answer) in cases.Zip(answers))
        {
            // Where Jinja refuses to add a list to a text or to read what is not there, JavaScript goes on; where templates of texts get content in parts, it does not know the filter.
            if ((family == "gemma" || (string?)chat["name"] != "parts") && ChatVectors.Expected["chats"]![family]![(string)chat["name"]!]!["text"] is not null)
            {
                var text = ChatTemplate.Parse(template, ChatVectors.SpecialTokens).Render(ChatVectors.MessagesOf(chat), ChatVectors.OptionsOf(chat));
                Assert.True((string?)answer["text"] == text, $"{family}, {chat["name"]}:\n{answer}\n{text}");
            }
        }
    }

    [Fact]
    public async Task Render_GeneratedTemplates_EqualTransformersJs()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var templates = new GeneratedTemplates(seed).Take(Count).ToArray();
        var answers = await AskAsync([.. templates.Select(template => new JsonObject { ["template"] = template, ["variables"] = new JsonObject() })]);

        var failures = 0;
        var texts = 0;
        foreach (var (template, answer) in templates.Zip(answers))
        {
            string? actual = null;
            var error = Record.Exception(() => actual = ChatTemplate.Parse(template).Render([]));
            texts += answer["text"] is null ? 0 : 1;
            if (actual != (string?)answer["text"] && failures++ < 5)
            {
                output.WriteLine($"{template}\n  expected {answer.ToJsonString()}\n  actual   {JsonValue.Create(actual)?.ToJsonString()} {error?.Message}");
            }
        }

        output.WriteLine($"{texts} of {Count} have a text");
        Assert.True(failures == 0, $"{failures} of {Count} differ (seed {seed}).");
        Assert.True(texts > Count * 9 / 10, $"Only {texts} of {Count} templates have a text.");
    }

    private static async Task<IReadOnlyList<JsonNode>> AskAsync(IReadOnlyList<JsonNode> questions)
    {
        var peers = Repository.File("tests", "peers");
        if (!Directory.Exists(Path.Combine(peers, "node_modules", "@huggingface", "jinja")))
        {
            Repository.Require("transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)");
        }

        using var process = Start(peers);
        var reading = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (var question in questions)
        {
            await process.StandardInput.WriteLineAsync(question.ToJsonString());
        }

        process.StandardInput.Close();
        var answers = (await reading).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Equal(questions.Count, answers.Length);
        return answers;
    }

    private static Process Start(string folder)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", ["chat.mjs"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Repository.Require("Node.js is not installed");
            throw;
        }
    }
}
