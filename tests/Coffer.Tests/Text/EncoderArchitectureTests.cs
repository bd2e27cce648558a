using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;
using Coffer.Tests.Onnx;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>
/// BERT, RoBERTa and DistilBERT as exported folders: the graphs' outputs and the predictors' results are those of transformers.js on the same
/// files. What its pipelines lack (offsets, other aggregations, windows) the predictors' own tests have.
/// </summary>
public sealed class EncoderArchitectureTests(EncoderPeer peer) : IClassFixture<EncoderPeer>, IDisposable
{
    private const double Tolerance = 1e-4;

    private static readonly (string Text, string Pair)[] Texts =
    [
        ("Who built the bridge?", "The bridge was built by two brothers from the village, near the old mill."),
        ("Maria Keller moved from Berlin to Lisbon in the spring.", "She opened a small bakery there; tickets cost 5 euros."),
        ("quiet", "Dr. Chen works at the hospital in Toronto."),
        ("Where does the ferry leave at seven?", "the ferry"),
        ("A lovely, quiet film that never hurries - with music", "science"),
    ];

    private readonly TestVendor _vendor = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _vendor.Dispose();

    [Theory]
    [InlineData("bert", "text-classification")]
    [InlineData("bert", "token-classification")]
    [InlineData("bert", "question-answering")]
    [InlineData("bert", "feature-extraction")]
    [InlineData("roberta", "text-classification")]
    [InlineData("roberta", "token-classification")]
    [InlineData("roberta", "question-answering")]
    [InlineData("roberta", "feature-extraction")]
    [InlineData("distilbert", "text-classification")]
    [InlineData("distilbert", "token-classification")]
    [InlineData("distilbert", "question-answering")]
    [InlineData("distilbert", "feature-extraction")]
    public async Task Run_Graph_GivesTheOutputsOfTransformersJs(string family, string task)
    {
        var name = $"{family}-{task}";
        var settings = TextModelSettings.Parse(Files(name));
        using var runner = TestGraph.Runner(await File.ReadAllBytesAsync(Path.Combine(EncoderPeer.Models, name, "onnx", "model.onnx"), Token));
        var signature = runner.Describe("model");
        var binding = new TextInputBinding(signature, settings);
        foreach (var (text, pair) in Texts)
        {
            foreach (var second in task == "question-answering" ? new string?[] { pair } : [pair, null])
            {
                var answer = await peer.AskAsync(name, task, text, second);
                using var call = runner.Rent("model");
                binding.Write(call, [binding.Encode(new TextInput(text, second), new EncodeOptions())]);
                call.Run(Token);
                foreach (var output in signature.Outputs)
                {
                    AssertNumbers(EncoderPeer.Outputs(answer, output.Name), call.Output<float>(output.Name).ToArray());
                }
            }
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    public async Task TextClassifier_Pipeline_GivesTheSameClasses(string family)
    {
        using var model = await OpenAsync($"{family}-text-classification", ModelTasks.TextClassification);
        using var classifier = model.CreateTextClassifier();

        var results = await classifier.PredictBatchAsync([.. Texts.Select(text => TextInput.FromString(text.Text))], null, Token);

        for (var i = 0; i < Texts.Length; i++)
        {
            var expected = (await peer.AskAsync($"{family}-text-classification", "text-classification", Texts[i].Text)).GetProperty("result");
            AssertScores(expected.EnumerateArray().Select(entry => (entry.GetProperty("label").GetString()!, entry.GetProperty("score").GetDouble())), results[i].Value.Classes);
        }
    }

    [Theory]
    [InlineData("bert", false)]
    [InlineData("roberta", false)]
    [InlineData("distilbert", true)]
    [InlineData("bert", true)]
    public async Task ZeroShotClassifier_Pipeline_GivesTheSameScores(string family, bool multiLabel)
    {
        using var model = await OpenAsync($"{family}-text-classification", ModelTasks.ZeroShotClassification);
        using var classifier = model.CreateZeroShotClassifier();
        var options = new ZeroShotClassifierOptions { Labels = ["sports", "the old ferry", "science", "music"], MultiLabel = multiLabel, HypothesisTemplate = "This example is about {}." };

        foreach (var (text, _) in Texts)
        {
            var expected = (await peer.AskAsync($"{family}-text-classification", "zero-shot-classification", text, null, question =>
            {
                question["labels"] = new JsonArray([.. options.Labels.Select(label => (JsonNode)label)]);
                question["hypothesis"] = options.HypothesisTemplate;
                question["multiLabel"] = multiLabel;
            })).GetProperty("result");
            var names = expected.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!);
            AssertScores(names.Zip(expected.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())), (await classifier.PredictAsync(text, options, Token)).Value.Labels);
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    public async Task TokenClassifier_Pipeline_GivesTheSameEntities(string family)
    {
        using var model = await OpenAsync($"{family}-token-classification", ModelTasks.TokenClassification);
        using var classifier = model.CreateTokenClassifier();
        foreach (var text in Texts.SelectMany(pair => new[] { pair.Text, pair.Pair }))
        {
            var expected = (await peer.AskAsync($"{family}-token-classification", "token-classification", text)).GetProperty("result");

            var tokens = (await classifier.PredictAsync(text, new() { Aggregation = TokenAggregation.None, IgnoredLabels = [] }, Token)).Value.Entities;
            var groups = (await classifier.PredictAsync(text, new() { IgnoredLabels = [] }, Token)).Value.Entities;

            JsonElement[] none = [.. expected.GetProperty("none").EnumerateArray()];
            Assert.Equal(none.Select(entity => (entity.GetProperty("entity").GetString(), (int?)entity.GetProperty("index").GetInt32())), tokens.Select(entity => ((string?)entity.Label, entity.Token)));
            Assert.All(none.Zip(tokens), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.Score, Tolerance));

            // What a token is called is, but for the mark of a continuation and the case, the part of the text that it stands for.
            Assert.All(none.Zip(tokens), pair => Assert.Equal(
                Squeezed(pair.First.GetProperty("word").GetString()!.Replace("##", "", StringComparison.Ordinal)), Squeezed(text[pair.Second.Span.Start..pair.Second.Span.End])));

            JsonElement[] simple = [.. expected.GetProperty("simple").EnumerateArray()];
            Assert.Equal(simple.Select(entity => entity.GetProperty("entity_group").GetString()), groups.Select(entity => entity.Label));
            Assert.All(simple.Zip(groups), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.Score, Tolerance));
            Assert.All(simple.Zip(groups), pair => Assert.Equal(Squeezed(pair.First.GetProperty("word").GetString()!), Squeezed(pair.Second.Word)));
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    public async Task QuestionAnswerer_Pipeline_GivesTheSameAnswer(string family)
    {
        using var model = await OpenAsync($"{family}-question-answering", ModelTasks.QuestionAnswering);
        using var answerer = model.CreateQuestionAnswerer();
        var options = new QuestionAnswererOptions { MaxAnswerLength = 64, AlignToWords = false };
        foreach (var (question, context) in Texts)
        {
            var expected = (await peer.AskAsync($"{family}-question-answering", "question-answering", question, context)).GetProperty("result");

            var answer = (await answerer.PredictAsync(new(question, context), options, Token)).Value.Top!;

            Assert.Equal(expected.GetProperty("score").GetDouble(), answer.Score, Tolerance);
            Assert.Equal(Squeezed(expected.GetProperty("answer").GetString()!.Replace("##", "", StringComparison.Ordinal)), Squeezed(answer.Text));
            Assert.Equal(answer.Text, context[answer.Span.Start..answer.Span.End]);
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    [InlineData("distilbert")]
    public async Task TextEmbedder_Pipeline_GivesTheSameVectors(string family)
    {
        using var model = await OpenAsync($"{family}-feature-extraction", ModelTasks.FeatureExtraction);
        using var embedder = model.CreateTextEmbedder();
        TextInput[] texts = [.. Texts.Select(text => TextInput.FromString(text.Text))];
        var means = await embedder.PredictBatchAsync(texts, new() { Normalize = false }, Token);
        var normalized = await embedder.PredictBatchAsync(texts, new() { Normalize = true }, Token);
        var first = await embedder.PredictBatchAsync(texts, new() { Pooling = EmbeddingPooling.Cls, Normalize = false }, Token);
        var last = await embedder.PredictBatchAsync(texts, new() { Pooling = EmbeddingPooling.Last, Normalize = false }, Token);

        for (var i = 0; i < Texts.Length; i++)
        {
            var expected = (await peer.AskAsync($"{family}-feature-extraction", "feature-extraction", Texts[i].Text)).GetProperty("result");
            AssertNumbers(Numbers(expected, "mean"), means[i].Value.Vector.ToArray());
            AssertNumbers(Numbers(expected, "normalized"), normalized[i].Value.Vector.ToArray());
            AssertNumbers(Numbers(expected, "cls"), first[i].Value.Vector.ToArray());
            AssertNumbers(Numbers(expected, "last"), last[i].Value.Vector.ToArray());
            Assert.Equal(Numbers(expected, "bits"), normalized[i].Value.ToBits().Select(value => (float)value));
            Assert.Equal(Numbers(expected, "signedBits"), normalized[i].Value.ToSignedBits().Select(value => (float)value));
        }
    }

    [Fact]
    public async Task TextEmbedder_FilesOfSentenceTransformers_ScaleAndPrompt()
    {
        using var model = await OpenAsync("bert-feature-extraction", ModelTasks.FeatureExtraction);
        using var embedder = model.CreateTextEmbedder();

        var vector = (await embedder.PredictAsync("a quiet film", new() { Prompt = "query" }, Token)).Value.Vector;

        Assert.Equal(1, VectorSimilarity.Dot(vector.Span, vector.Span), 1e-5);
        Assert.Equal(vector.ToArray(), (await embedder.PredictAsync("query: a quiet film", null, Token)).Value.Vector.ToArray());
        Assert.Equal(32, embedder.Dimensions);
    }

    [Fact]
    public async Task PackAsync_TokenBeyondTheEmbedding_IsFoundThoughTheConfigHidesIt()
    {
        var folder = Copy("bert-text-classification");
        var tokenizer = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "tokenizer.json"), Token))!;
        var vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        vocabulary["beyond"] = vocabulary.Count;
        await File.WriteAllTextAsync(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString(), Token);
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "config.json"), Token))!.AsObject();
        config.Remove("vocab_size");
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), config.ToJsonString(), Token);

        var refusal = await Assert.ThrowsAsync<PackagingException>(() => PackAsync(folder, ModelTasks.TextClassification));

        Assert.Equal(PackagingError.InvalidSettings, refusal.Error);
        Assert.Contains("'beyond'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_TokenBeyondTheEmbedding_IsRunFailedAndThePredictorGoesOn()
    {
        var folder = Path.Combine(EncoderPeer.Models, "bert-text-classification");
        var files = Files("bert-text-classification");
        var tokenizer = JsonNode.Parse(files["tokenizer.json"].Span)!;
        var vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        vocabulary["beyond"] = vocabulary.Count;
        files["tokenizer.json"] = Encoding.UTF8.GetBytes(tokenizer.ToJsonString());
        var config = JsonNode.Parse(files["config.json"].Span)!.AsObject();
        config.Remove("vocab_size");
        files["config.json"] = Encoding.UTF8.GetBytes(config.ToJsonString());
        using var runner = TestGraph.Runner(await File.ReadAllBytesAsync(Path.Combine(folder, "onnx", "model.onnx"), Token));
        using var classifier = new TextClassifier(runner, "model", TextClassifierSettings.Parse(files), new FakePredictorContext());

        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => classifier.Predict("far beyond", null, Token)).Error);
        Assert.Equal(3, classifier.Predict("far", null, Token).Value.Classes.Count);
    }

    [Theory]
    [InlineData("bert-text-classification", "question-answering", "start_logits")]
    [InlineData("bert-feature-extraction", "text-ranking", "classes")]
    [InlineData("bert-text-classification", "text-ranking", "3 scores")]
    [InlineData("bert-text-classification", "token-classification", "numbers")]
    [InlineData("bert-token-classification", "zero-shot-classification", "entail")]
    [InlineData("bert-question-answering", "feature-extraction", "last_hidden_state")]
    public async Task PackAsync_GraphOfAnotherTask_IsRefusedBeforeItIsSold(string name, string task, string named)
    {
        var refusal = await Assert.ThrowsAsync<PackagingException>(() => PackAsync(Path.Combine(EncoderPeer.Models, name), task));

        Assert.Equal(PackagingError.InvalidSettings, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    private async Task<ProtectedModel> OpenAsync(string name, string task) => await _vendor.OpenAsync(await PackAsync(Path.Combine(EncoderPeer.Models, name), task));

    private Task<string> PackAsync(string folder, string task) =>
        _vendor.PackAsync(folder, new PackOptions { Name = "tiny", Version = SemanticVersion.Parse("1.0.0"), Task = task });

    private string Copy(string name)
    {
        var (from, to) = (Path.Combine(EncoderPeer.Models, name), _vendor.File("copy"));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return to;
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> Files(string name) =>
        Directory.EnumerateFiles(Path.Combine(EncoderPeer.Models, name)).ToDictionary(file => Path.GetFileName(file), file => (ReadOnlyMemory<byte>)File.ReadAllBytes(file), StringComparer.Ordinal);

    private static float[] Numbers(JsonElement result, string name) => [.. result.GetProperty(name).EnumerateArray().Select(number => number.GetSingle())];

    private static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant();

    private static void AssertNumbers(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private static void AssertScores(IEnumerable<(string Label, double Score)> expected, IReadOnlyList<ClassScore> actual)
    {
        (string Label, double Score)[] all = [.. expected];
        Assert.Equal(all.Select(entry => entry.Label), actual.Select(entry => entry.Label));
        Assert.All(all.Zip(actual), pair => Assert.Equal(pair.First.Score, pair.Second.Score, Tolerance));
    }
}
