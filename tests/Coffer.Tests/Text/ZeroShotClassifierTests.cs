using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class ZeroShotClassifierTests
{
    private static readonly TinyTextModel Model = new();

    private static readonly ZeroShotClassifierOptions Moods = new() { Labels = ["quiet", "loud", "dull story"], HypothesisTemplate = "it was {}." };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_OneLabelOfSeveral_IsTheSoftmaxOfTheEntailments()
    {
        using var made = new Made();
        double[] entailments = [Logits("quiet")[2], Logits("loud")[2], Logits("dull story")[2]];
        var total = entailments.Sum(Math.Exp);

        var labels = made.Classifier.Predict("a film", Moods, Token).Value.Labels;

        Assert.Equal(Enumerable.Range(0, 3).OrderByDescending(index => entailments[index]), labels.Select(label => label.Index));
        Assert.All(labels, label => Assert.Equal(Moods.Labels[label.Index], label.Label));
        Assert.All(labels, label => Assert.Equal(Math.Exp(entailments[label.Index]) / total, label.Score, 1e-5));
        Assert.Equal([1], made.Context.Charges);
    }

    [Theory]
    [InlineData(true, "quiet", "loud", "dull story")]
    [InlineData(false, "loud")]
    public void Predict_EachLabelForItself_IsEntailmentAgainstContradiction(bool multiLabel, params string[] names)
    {
        using var made = new Made();

        var labels = made.Classifier.Predict("a film", Moods with { Labels = names, MultiLabel = multiLabel }, Token).Value.Labels;

        Assert.Equal(names.Length, labels.Count);
        Assert.All(labels, label =>
        {
            var logits = Logits(label.Label);
            Assert.Equal(Math.Exp(logits[2]) / (Math.Exp(logits[2]) + Math.Exp(logits[0])), label.Score, 1e-5);
        });
        Assert.Equal(labels.OrderByDescending(label => label.Score), labels);
    }

    [Theory]
    [InlineData("""{"ENTAILMENT": 0, "NEUTRAL": 1, "CONTRADICTION": 2}""", 0, 2)]
    [InlineData("""{"contradiction": 0, "entailment": 1, "neutral": 2}""", 1, 0)]
    [InlineData("""{"neutral": 0, "contradiction": 1, "entailment": 2}""", 2, 1)]
    [InlineData("""{"entailed": 0, "b": 1, "c": 2}""", 0, 2)]
    [InlineData("""{"a": 0, "b": 1, "Entails": 2}""", 2, 0)]
    [InlineData("""{"entailment": 0, "not_entailment": 1}""", 0, 1)]
    public void Parse_LabelToId_FindsEntailmentAndContradiction(string labels, int entailment, int contradiction)
    {
        var settings = ZeroShotClassifierSettings.Parse(Model.Files(config => config["label2id"] = JsonNode.Parse(labels)));

        Assert.Equal((entailment, contradiction), (settings.Entailment, settings.Contradiction));
    }

    [Fact]
    public void Parse_NoEntailment_IsRefused()
    {
        var refusal = Assert.Throws<InferenceException>(() => ZeroShotClassifierSettings.Parse(Model.Files()));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("entail", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictBatchAsync_Texts_EqualsEachAlone()
    {
        using var made = new Made();
        TextInput[] texts = ["a film", "noise", "it never ends"];

        var results = await made.Classifier.PredictBatchAsync(texts, Moods, Token);

        Assert.Equal([3], made.Context.Charges);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal((await made.Classifier.PredictAsync(texts[i], Moods, Token)).Value.Labels, results[i].Value.Labels);
        }
    }

    [Fact]
    public void Predict_BadInput_SaysWhatAndTheClassifierGoesOn()
    {
        using var made = new Made();
        var text = string.Join(' ', Enumerable.Repeat("film", 10));

        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => made.Classifier.Predict("", Moods, Token)).Error);
        Assert.Contains("more than the limit of 12", Assert.Throws<InputException>(() => made.Classifier.Predict(text, Moods, Token)).Message, StringComparison.Ordinal);
        Assert.Equal(3, made.Classifier.Predict(text, Moods with { Truncation = TruncationStrategy.OnlyFirst }, Token).Value.Labels.Count);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => made.Classifier.Predict(new TextInput("a", "film"), Moods, Token)).Error);
        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => made.Classifier.Predict(TinyTextModel.Poison, Moods, Token)).Error);
        Assert.Throws<ArgumentException>(() => made.Classifier.Predict("film", Moods with { Labels = [] }, Token));
        Assert.Throws<ArgumentException>(() => made.Classifier.Predict("film", Moods with { HypothesisTemplate = "it was." }, Token));
        Assert.Throws<ArgumentNullException>(() => made.Classifier.Predict("film", null, Token));
        Assert.Equal(3, made.Classifier.Predict("film", Moods, Token).Value.Labels.Count);
    }

    [Fact]
    public void Create_OtherNumberOfClasses_IsRefused() =>
        Assert.Contains("3 labels", Assert.Throws<InferenceException>(() => new Made(FakeTextGraph.OfClasses(2, _ => [0, 0]))).Message, StringComparison.Ordinal);

    private static float[] Logits(long[] ids) => ids.Contains(TinyTextModel.Id(TinyTextModel.Poison))
        ? [0, 0, float.NaN]
        : [.. Enumerable.Range(0, 3).Select(i => 2 * ids.Select((id, place) => MathF.Cos((id * 5) + place + (i * 2))).Sum())];

    private static double[] Logits(string label) =>
        Array.ConvertAll(Logits([.. $"[CLS] a film [SEP] it was {label} . [SEP]".Split(' ').Select(token => (long)TinyTextModel.Id(token))]), logit => (double)logit);

    private sealed class Made : IDisposable
    {
        private readonly FakeTextGraph _graph;

        public Made(FakeTextGraph? graph = null)
        {
            _graph = graph ?? FakeTextGraph.OfClasses(3, Logits);
            var files = Model.Files(config => config["id2label"] = JsonNode.Parse("""{"0": "contradiction", "1": "neutral", "2": "entailment"}"""));
            Classifier = new ZeroShotClassifier(_graph.Runner, "model", ZeroShotClassifierSettings.Parse(files), Context);
        }

        public FakePredictorContext Context { get; } = new();

        public ZeroShotClassifier Classifier { get; }

        public void Dispose()
        {
            Classifier.Dispose();
            _graph.Dispose();
        }
    }
}
