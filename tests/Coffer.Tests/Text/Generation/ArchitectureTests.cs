using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Tiny exported models of each architecture: tokens equal to transformers.js', scores within 1e-4, step by step.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Texts = ["Hello, world", "A quiet day at the sea.", "x", "Über alles schön — 東京"];

    private static readonly string[] Settings =
    [
        """{"max_new_tokens": 24}""",
        """{"max_new_tokens": 24, "repetition_penalty": 1.7}""",
        """{"max_new_tokens": 24, "no_repeat_ngram_size": 2, "min_new_tokens": 20}""",
        """{"max_new_tokens": 16, "begin_suppress_tokens": [40, 41, 210, 244], "forced_eos_token_id": 7}""",
    ];

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("t5")]
    [InlineData("marian")]
    public async Task Generate_Greedy_EqualsTransformersJs(string architecture)
    {
        using var model = new ExportedArchitecture(architecture);
        (string Text, string Settings)[] cases = [.. Texts.SelectMany(text => Settings.Select(settings => (text, settings)))];
        var answers = await AskAsync(model.Folder, cases);

        Assert.Equal(cases.Length, answers.Count);
        foreach (var ((text, settings), line) in cases.Zip(answers))
        {
            using var answer = JsonDocument.Parse(line);
            var recorder = new Recorder();
            var result = model.Generate(text, Options(settings) with { Beams = 1, LogitsProcessors = [recorder] });

            Assert.Equal(answer.RootElement.GetProperty("prompt").EnumerateArray().Select(id => id.GetInt32()), model.Tokenizer.Encode(text).Ids.ToArray());
            Assert.Equal(answer.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), result.Tokens.ToArray());
            RequireEqual(answer.RootElement.GetProperty("logits"), recorder.Scores);
        }
    }

    // The same tokens, whichever of the layouts that exporters write: an If over a flag, a graph for the first run and one for the others, no cache.
    [Theory]
    [InlineData("t5")]
    [InlineData("marian")]
    public void Generate_EachLayout_GivesTheSame(string architecture)
    {
        using var merged = new ExportedArchitecture(architecture);
        using var separate = new ExportedArchitecture(architecture, "decoder_model_merged");
        using var without = new ExportedArchitecture(architecture, "decoder_model_merged", "decoder_with_past_model");
        TextGeneratorOptions[] ways = [new() { MaxNewTokens = 20, NoRepeatNgramSize = 2 }, new() { MaxNewTokens = 20, Beams = 3, Sequences = 3 }, new() { MaxNewTokens = 20, Temperature = 1, Seed = 11 }];
        foreach (var options in ways)
        {
            var results = new[] { merged, separate, without }.Select(model => model.Generate(Texts[1], options)).ToArray();

            Assert.All(results, result => Assert.Equal(results[0].Sequences.Select(sequence => sequence.Text), result.Sequences.Select(sequence => sequence.Text)));
            Assert.All(results, result => Assert.Equal(results[0].Tokens.ToArray(), result.Tokens.ToArray()));
        }
    }

    private static TextGeneratorOptions Options(string json)
    {
        using var document = JsonDocument.Parse(json);
        int? Number(string name) => document.RootElement.TryGetProperty(name, out var value) ? value.GetInt32() : null;
        return new TextGeneratorOptions
        {
            MaxNewTokens = Number("max_new_tokens"),
            MinNewTokens = Number("min_new_tokens"),
            NoRepeatNgramSize = Number("no_repeat_ngram_size"),
            ForcedLastToken = Number("forced_eos_token_id"),
            RepetitionPenalty = document.RootElement.TryGetProperty("repetition_penalty", out var penalty) ? penalty.GetSingle() : null,
            SuppressFirstTokens = document.RootElement.TryGetProperty("begin_suppress_tokens", out var tokens) ? [.. tokens.EnumerateArray().Select(token => token.GetInt32())] : null,
        };
    }

    private static void RequireEqual(JsonElement expected, List<float[]> actual)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        foreach (var (step, scores) in expected.EnumerateArray().Index())
        {
            Assert.Equal(scores.GetArrayLength(), actual[step].Length);
            foreach (var (token, score) in scores.EnumerateArray().Index())
            {
                if (score.ValueKind == JsonValueKind.Null)
                {
                    Assert.Equal(float.NegativeInfinity, actual[step][token]);
                }
                else
                {
                    Assert.Equal(score.GetDouble(), actual[step][token], 1e-4);
                }
            }
        }
    }

    private static async Task<List<string>> AskAsync(string folder, (string Text, string Settings)[] cases)
    {
        var peers = Repository.File("tests", "peers");
        if (!Directory.Exists(Path.Combine(peers, "node_modules", "@huggingface", "transformers")))
        {
            Repository.Require("transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)");
        }

        using var process = StartNode(peers, folder);
        var reading = process.StandardOutput.ReadToEndAsync();
        foreach (var (text, settings) in cases)
        {
            await process.StandardInput.WriteLineAsync(new JsonObject { ["text"] = text, ["options"] = JsonNode.Parse(settings) }.ToJsonString());
        }

        process.StandardInput.Close();
        return [.. (await reading).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static Process StartNode(string peers, string folder)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", ["generate.mjs", folder]) { WorkingDirectory = peers, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Repository.Require("Node.js is not installed");
            throw;
        }
    }

    private sealed class Recorder : LogitsProcessor
    {
        public List<float[]> Scores { get; } = [];

        public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits) => Scores.Add(logits.ToArray());
    }
}
