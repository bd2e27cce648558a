using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Ten thousand generated texts, encoded and decoded by Coffer and by transformers.js from the same tokenizer.json.</summary>
public sealed class TransformersJsTests(ITestOutputHelper output)
{
    private const int Count = 10_000;

    // T5's own map of characters, which tokenizer.json carries, is approximated by NFKC in transformers.js: the vectors decide there.
    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("gpt2")]
    public Task Encode_GeneratedTexts_EqualTransformersJs(string folder) => CompareAsync(SharedTokenizers.Json(folder));

    [Theory]
    [InlineData(nameof(KnownPatterns.Gpt4))]
    [InlineData(nameof(KnownPatterns.Gpt4o))]
    [InlineData(nameof(KnownPatterns.Llama3))]
    [InlineData(nameof(KnownPatterns.Qwen2))]
    [InlineData(nameof(KnownPatterns.DeepSeek))]
    public Task Encode_PatternsOfLanguageModels_EqualTransformersJs(string name) => CompareAsync(SharedTokenizers.JsonWithPattern(KnownPatterns.Find(name)));

    // JavaScript's expressions have no name of a script alone.
    [Fact]
    public Task Encode_PatternOfScripts_EqualsTransformersJs() => CompareAsync(
        SharedTokenizers.JsonWithPattern(KnownPatterns.Scripts),
        SharedTokenizers.JsonWithPattern(Regex.Replace(KnownPatterns.Scripts, @"\\p\{(\w{4,}|Han)\}", @"\p{Script=$1}")));

    private Task CompareAsync(byte[] tokenizerJson) => CompareAsync(tokenizerJson, tokenizerJson);

    private async Task CompareAsync(byte[] tokenizerJson, byte[] peersJson)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var tokenizer = Tokenizer.FromHuggingFace(tokenizerJson);
        var texts = new GeneratedTexts(seed).Take(Count).ToArray();
        var answers = await AskAsync(peersJson, texts);
        Assert.Equal(texts.Length, answers.Count);
        var failures = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            using var answer = JsonDocument.Parse(answers[i]);
            var expected = answer.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray();
            var actual = tokenizer.Encode(texts[i]).Ids.ToArray();
            var decoded = answer.RootElement.GetProperty("decoded").GetString();
            if (!expected.AsSpan().SequenceEqual(actual) || decoded != tokenizer.Decode(actual))
            {
                if (failures++ < 5)
                {
                    output.WriteLine($"{string.Join(' ', texts[i].Select(c => ((int)c).ToString("X4", null)))}\n  {string.Join(' ', expected)}\n  {string.Join(' ', actual)}\n  {decoded}\n  {tokenizer.Decode(actual)}");
                }
            }
        }

        Assert.True(failures == 0, $"{failures} of {Count} differ (seed {seed}).");
    }

    private static async Task<List<string>> AskAsync(byte[] tokenizerJson, string[] texts)
    {
        var peers = Repository.File("tests", "peers");
        if (!Directory.Exists(Path.Combine(peers, "node_modules", "@huggingface", "transformers")))
        {
            Repository.Require("transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)");
        }

        var folder = Directory.CreateTempSubdirectory("coffer-peers-");
        try
        {
            var file = Path.Combine(folder.FullName, "tokenizer.json");
            await File.WriteAllBytesAsync(file, tokenizerJson);
            return await AskAsync(peers, file, texts);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<List<string>> AskAsync(string peers, string tokenizerJson, string[] texts)
    {
        using var process = StartNode(peers, tokenizerJson);
        var reading = Task.Run(async () =>
        {
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                lines.Add(line);
            }

            return lines;
        });
        foreach (var text in texts)
        {
            await process.StandardInput.WriteLineAsync('"' + string.Concat(text.Select(c => $"\\u{(int)c:x4}")) + '"');
        }

        process.StandardInput.Close();
        return await reading;
    }

    private static Process StartNode(string folder, string tokenizerJson)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", ["tokenize.mjs", tokenizerJson]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Repository.Require("Node.js is not installed");
            throw;
        }
    }
}
