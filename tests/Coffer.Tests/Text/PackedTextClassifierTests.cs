using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>An exported folder, packed, licensed and opened: what its predictor returns, and what the packer refuses.</summary>
public sealed class PackedTextClassifierTests : IDisposable
{
    private static readonly TinyTextModel Model = new();

    private static readonly PackOptions Options = new() { Name = "mood", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.TextClassification };

    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Fact]
    public async Task CreateTextClassifier_PackedFolder_PredictsAsTheGraphDoes()
    {
        using var model = await _vendor.OpenAsync(await PackAsync());
        using var classifier = model.CreateTextClassifier();

        var classes = (await classifier.PredictAsync("quiet film", new() { Scores = ScoreFunction.None }, Token)).Value.Classes;

        var expected = Model.Logits("[CLS] quiet film [SEP]", "0 0 0 0");
        Assert.All(classes, entry => Assert.Equal(expected[entry.Index], entry.Score, 1e-5));
        Assert.Equal(3, classes.Count);
    }

    // logits within 1e-4 of transformers.js on the same folder, alone and in a padded batch, and the scores of its pipeline.
    [Theory]
    [InlineData(null)]
    [InlineData("multi_label_classification")]
    public async Task PredictBatchAsync_PackedFolder_EqualsTransformersJs(string? problem)
    {
        (string Text, string? Pair)[] inputs =
        [
            ("A quiet, lovely film.", null), ("It was loud and it never ends!", null), ("dull", null), ("Übernoise ends", null), ("the story", "was dull"), ("a", "quieter loudly ends , never"),
        ];
        var folder = Model.Write(_vendor.File("exported"), config => config["problem_type"] = problem);
        var answers = await AskAsync(folder, inputs);
        using var model = await _vendor.OpenAsync(await _vendor.PackAsync(folder, Options));
        using var classifier = model.CreateTextClassifier();
        TextInput[] texts = [.. inputs.Select(input => new TextInput(input.Text, input.Pair))];

        var logits = await classifier.PredictBatchAsync(texts, new() { Scores = ScoreFunction.None }, Token);
        var scores = await classifier.PredictBatchAsync(texts, null, Token);

        Assert.Equal(inputs.Length, answers.Count);
        for (var i = 0; i < inputs.Length; i++)
        {
            using var answer = JsonDocument.Parse(answers[i]);
            double[] expected = [.. answer.RootElement.GetProperty("logits").EnumerateArray().Select(number => number.GetDouble())];
            Assert.All(logits[i].Value.Classes, entry => Assert.Equal(expected[entry.Index], entry.Score, 1e-4));
            var total = expected.Sum(Math.Exp);
            Assert.All(scores[i].Value.Classes, entry => Assert.Equal(problem is null ? Math.Exp(expected[entry.Index]) / total : 1 / (1 + Math.Exp(-expected[entry.Index])), entry.Score, 1e-4));
            if (answer.RootElement.TryGetProperty("classes", out var classes))
            {
                Assert.Equal(classes.EnumerateArray().Select(entry => entry.GetProperty("label").GetString()), scores[i].Value.Classes.Select(entry => entry.Label));
                Assert.All(classes.EnumerateArray().Zip(scores[i].Value.Classes), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.Score, 1e-4));
            }
        }
    }

    [Fact]
    public async Task PackAsync_VocabularyThatDoesNotFit_IsRefusedBeforeItIsSold()
    {
        var refusal = await Assert.ThrowsAsync<PackagingException>(() => PackAsync(config => config["vocab_size"] = 5));

        Assert.Equal(PackagingError.InvalidSettings, refusal.Error);
        Assert.Contains("vocab_size of 5", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackAsync_NoTokenizer_NamesTheFilesThatItCouldBe()
    {
        var folder = Model.Write(_vendor.File("bare"));
        File.Delete(Path.Combine(folder, "tokenizer.json"));

        var refusal = await Assert.ThrowsAsync<PackagingException>(() => _vendor.PackAsync(folder, Options));

        Assert.Equal(PackagingError.InvalidSettings, refusal.Error);
        Assert.Contains("tokenizer.json", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackAsync_LabelsThatDoNotFit_SaysBothNumbers()
    {
        var refusal = await Assert.ThrowsAsync<PackagingException>(() => PackAsync(config => config["id2label"] = new JsonObject { ["0"] = "only" }));

        Assert.Contains("1 labels", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("3 classes", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateTextClassifier_PictureModel_SaysWhatItIs()
    {
        using var model = await _vendor.OpenAsync();

        var refusal = Assert.Throws<InferenceException>(() => model.CreateTextClassifier());

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("image-classification", refusal.Message, StringComparison.Ordinal);
    }

    private Task<string> PackAsync(Action<JsonObject>? edit = null) => _vendor.PackAsync(Model.Write(_vendor.File("exported"), edit), Options);

    private static async Task<List<string>> AskAsync(string folder, (string Text, string? Pair)[] inputs)
    {
        var peers = Repository.File("tests", "peers");
        if (!Directory.Exists(Path.Combine(peers, "node_modules", "@huggingface", "transformers")))
        {
            Repository.Require("transformers.js is not installed in tests/peers (npm ci --onnxruntime-node-install=skip)");
        }

        using var process = Start(peers, folder);
        foreach (var (text, pair) in inputs)
        {
            await process.StandardInput.WriteLineAsync(new JsonObject { ["text"] = text, ["pair"] = pair }.ToJsonString());
        }

        process.StandardInput.Close();
        var lines = await process.StandardOutput.ReadToEndAsync(Token);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static Process Start(string peers, string folder)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", ["classify-text.mjs", folder]) { WorkingDirectory = peers, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Repository.Require("Node.js is not installed");
            throw;
        }
    }
}
