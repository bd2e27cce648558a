using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Onnx;
using Coffer.Tests.Onnx;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class TextClassifierTests(ITestOutputHelper output)
{
    private static readonly TinyTextModel Model = new();

    private static readonly TextClassifierOptions Raw = new() { Scores = ScoreFunction.None, TopK = 100 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_Text_GivesTheSumsOfTheGraphAndTheSoftmaxOfThem()
    {
        using var owner = new Made();
        var expected = Model.Logits("[CLS] a quiet , lovely film . [SEP]", "0 0 0 0 0 0 0 0");

        AssertLogits(expected, owner.Classifier.Predict("A quiet, lovely film.", Raw, Token).Value);
        var prediction = owner.Classifier.Predict("A quiet, lovely film.", null, Token);
        var sum = expected.Sum(Math.Exp);
        Assert.All(prediction.Value.Classes, entry => Assert.Equal(Math.Exp(expected[entry.Index]) / sum, entry.Score, 1e-5));
        Assert.All(prediction.Value.Classes, entry => Assert.Equal(TinyTextModel.Labels[entry.Index], entry.Label));
        Assert.Equal(expected.IndexOf(expected.Max()), prediction.Value.Top.Index);
        Assert.Equal(("0123abcd", "CPU"), (prediction.ModelDigest, prediction.ExecutionProvider));
    }

    [Fact]
    public void Predict_Pair_PutsTheSecondTextIntoItsSegment()
    {
        using var owner = new Made();

        AssertLogits(
            Model.Logits("[CLS] quiet [SEP] dull noise [SEP]", "0 0 0 1 1 1"),
            owner.Classifier.Predict(new TextInput("quiet", "dull noise"), Raw, Token).Value);
    }

    [Fact]
    public void Predict_LoneSurrogate_CountsAsTheReplacementCharacter()
    {
        using var owner = new Made();

        AssertLogits(Model.Logits("[CLS] quiet [SEP]", "0 0 0"), owner.Classifier.Predict("quiet \uD800", Raw, Token).Value);
    }

    [Fact]
    public void Predict_SeveralLabels_ScoresEachForItselfAndLeavesOutThoseBelowTheThreshold()
    {
        using var owner = new Made(edit: config => config["problem_type"] = "multi_label_classification");
        var expected = Array.ConvertAll(Model.Logits("[CLS] loud noise [SEP]", "0 0 0 0"), logit => 1 / (1 + Math.Exp(-logit)));
        var between = (float)expected.Order().Take(2).Average();

        var all = owner.Classifier.Predict("loud noise", null, Token).Value;
        var some = owner.Classifier.Predict("loud noise", new() { Threshold = between }, Token).Value;
        var none = owner.Classifier.Predict("loud noise", new() { Threshold = 1.5f }, Token).Value;

        Assert.All(all.Classes, entry => Assert.Equal(expected[entry.Index], entry.Score, 1e-5));
        Assert.Equal(all.Classes.Take(2), some.Classes);
        Assert.Empty(none.Classes);
        Assert.Equal(all.Top, none.Top);
    }

    [Fact]
    public void Predict_Regression_GivesTheNumberItself()
    {
        var model = new TinyTextModel(classes: 1);
        using var owner = new Made(model, config => config["problem_type"] = "regression");

        Assert.Equal(model.Logits("[CLS] film [SEP]", "0 0 0")[0], owner.Classifier.Predict("film", null, Token).Value.Top.Score, 1e-5);
    }

    [Theory]
    [InlineData(TinyModel.Int32Type, true, true, 0, 0)]
    [InlineData(TinyModel.Int64Type, false, true, 0, 0)]
    [InlineData(TinyModel.Int64Type, true, false, 0, 0)]
    [InlineData(TinyModel.Int64Type, true, true, 4, 0)]
    [InlineData(TinyModel.Int64Type, true, true, 0, 10)]
    [InlineData(TinyModel.Int64Type, true, true, 1, 10)]
    public async Task PredictBatchAsync_AnyGraph_EqualsTheSumsInTheOrderOfTheTexts(int type, bool masked, bool typed, int batch, int length)
    {
        var seed = Environment.TickCount;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        string[] words = ["a", "quiet", "lovely", "film", "dull", "loud", "noise", "and"];
        string[] texts = [.. Enumerable.Range(0, 37).Select(_ => string.Join(' ', random.GetItems(words, random.Next(1, 8))))];
        using var owner = new Made(graph: Model.Graph(type, batch == 0 ? null : batch, length == 0 ? null : length, masked, typed));

        var results = await owner.Classifier.PredictBatchAsync([.. texts.Select(TextInput.FromString)], Raw, Token);

        Assert.Equal(texts.Length, results.Count);
        Assert.Equal([37], owner.Context.Charges);
        for (var i = 0; i < texts.Length; i++)
        {
            var tokens = $"[CLS] {texts[i]} [SEP]";
            AssertLogits(Model.Logits(tokens, string.Join(' ', tokens.Split(' ').Select(_ => "0")), typed), results[i].Value);
        }
    }

    [Fact]
    public void Plan_Lengths_PutsLikeWithLikeAndKeepsUnmaskedOnesApart()
    {
        using var masked = TestGraph.Runner(Model.Graph());
        using var unmasked = TestGraph.Runner(Model.Graph(masked: false));
        var settings = TextModelSettings.Parse(Model.Files());
        TextEncoding[] encodings = [.. new[] { "a a a", "a", "a a a", "a a", "a" }.Select(text => settings.Tokenizer.Encode(text))];

        Assert.Equal([[1, 4], [3, 0], [2]], new TextInputBinding(masked.Describe("model"), settings).Plan(encodings, 2));
        Assert.Equal([[1, 4], [3], [0, 2]], new TextInputBinding(unmasked.Describe("model"), settings).Plan(encodings, 8));
    }

    [Fact]
    public void Predict_TooLong_SaysByHowMuchAndGoesOnTruncated()
    {
        using var owner = new Made();
        var text = string.Join(' ', Enumerable.Repeat("film", 15));

        var refusal = Assert.Throws<InputException>(() => owner.Classifier.Predict(text, null, Token));

        Assert.Equal(InputError.TooLarge, refusal.Error);
        Assert.Contains("17 tokens, 5 more than the limit of 12", refusal.Message, StringComparison.Ordinal);
        AssertLogits(
            Model.Logits("[CLS] film film film film film film film film film film [SEP]", "0 0 0 0 0 0 0 0 0 0 0 0"),
            owner.Classifier.Predict(text, Raw with { Truncation = TruncationStrategy.LongestFirst }, Token).Value);
        AssertLogits(
            Model.Logits("[CLS] film film [SEP]", "0 0 0 0"),
            owner.Classifier.Predict(text, Raw with { Truncation = TruncationStrategy.LongestFirst, MaxLength = 4 }, Token).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\n")]
    public async Task Predict_NothingToRead_IsEmptyAndThePredictorGoesOn(string text)
    {
        using var owner = new Made();

        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => owner.Classifier.Predict(text, null, Token)).Error);
        Assert.Equal(InputError.Empty, (await Assert.ThrowsAsync<InputException>(() => owner.Classifier.PredictBatchAsync(["film", text], null, Token))).Error);
        Assert.Equal(3, owner.Classifier.Predict("film", null, Token).Value.Classes.Count);
    }

    [Fact]
    public void Predict_LogitsThatAreNoNumbers_IsRunFailedAndThePredictorGoesOn()
    {
        using var owner = new Made();

        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => owner.Classifier.Predict(TinyTextModel.Poison, null, Token)).Error);
        Assert.Equal(3, owner.Classifier.Predict("film", null, Token).Value.Classes.Count);
    }

    [Fact]
    public async Task PredictAsync_Cancelled_StopsAndThePredictorGoesOn()
    {
        using var owner = new Made();
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => owner.Classifier.PredictAsync("film", null, cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => owner.Classifier.Predict("film", null, cancelled));
        Assert.Equal(3, (await owner.Classifier.PredictAsync("film", null, Token)).Value.Classes.Count);
    }

    [Fact]
    public async Task PredictBatchAsync_Nothing_CostsNothing()
    {
        using var owner = new Made();

        Assert.Empty(await owner.Classifier.PredictBatchAsync([], null, Token));
        Assert.Empty(owner.Context.Charges);
    }

    [Fact]
    public void Predict_Disposed_Throws()
    {
        using var owner = new Made();
        owner.Classifier.Dispose();

        Assert.Throws<ObjectDisposedException>(() => owner.Classifier.Predict("film", null, Token));
    }

    [Theory]
    [InlineData("vocab_size", 20, "vocab_size of 20")]
    [InlineData("max_position_embeddings", 0, "max_position_embeddings")]
    public void Create_ConfigThatDoesNotFit_SaysWhat(string name, int value, string named)
    {
        var refusal = Assert.Throws<InferenceException>(() => new Made(edit: config => config[name] = value));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_NoTokenizer_SaysSo()
    {
        var files = Model.Files();
        files.Remove("tokenizer.json");

        var refusal = Assert.Throws<InferenceException>(() => TextClassifierSettings.Parse(files));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("tokenizer.json", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_GraphOverPixels_SaysWhatItTakes()
    {
        var refusal = Assert.Throws<InferenceException>(() => new Made(graph: TinyModel.Identity(TinyModel.FloatType, "n", 3)));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("input_ids", refusal.Message, StringComparison.Ordinal);
    }

    // RoBERTa counts positions from the padding token's number plus one: of 514 embeddings, 512 are for tokens.
    [Fact]
    public void Parse_Roberta_LeavesOutThePositionsBeforeText() =>
        Assert.Equal(512, TextModelSettings.Parse(Model.Files(config =>
        {
            config["model_type"] = "roberta";
            config["pad_token_id"] = 1;
            config["max_position_embeddings"] = 514;
        })).MaxLength);

    private static void AssertLogits(double[] expected, TextClassification actual)
    {
        Assert.Equal(expected.Length, actual.Classes.Count);
        Assert.All(actual.Classes, entry => Assert.Equal(expected[entry.Index], entry.Score, 1e-5));
    }

    private sealed class Made : IDisposable
    {
        private readonly OnnxModelRunner _runner;

        public Made(TinyTextModel? model = null, Action<JsonObject>? edit = null, byte[]? graph = null)
        {
            model ??= Model;
            _runner = TestGraph.Runner(graph ?? model.Graph());
            Classifier = new TextClassifier(_runner, "model", TextClassifierSettings.Parse(model.Files(edit)), Context);
        }

        public FakePredictorContext Context { get; } = new();

        public TextClassifier Classifier { get; }

        public void Dispose()
        {
            Classifier.Dispose();
            _runner.Dispose();
        }
    }
}
