using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class RerankerTests
{
    private static readonly TinyTextModel Model = new();

    private static readonly RerankInput Films = new("quiet", ["film", "loud noise", "a", "dull story"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_Documents_AreInTheOrderOfTheirScores()
    {
        using var made = new Made();
        double[] logits = [Logit("quiet", "film"), Logit("quiet", "loud noise"), Logit("quiet", "a"), Logit("quiet", "dull story")];
        int[] order = [.. Enumerable.Range(0, 4).OrderByDescending(index => logits[index])];

        var ranked = made.Reranker.Predict(Films, null, Token).Value.Documents;
        var raw = made.Reranker.Predict(Films, new() { Scores = ScoreFunction.None, TopK = 2, BatchSize = 1 }, Token).Value.Documents;

        Assert.Equal(order, ranked.Select(document => document.Index));
        Assert.All(ranked, document => Assert.Equal(1 / (1 + Math.Exp(-logits[document.Index])), document.Score, 1e-5));
        Assert.Equal(order.Take(2), raw.Select(document => document.Index));
        Assert.All(raw, document => Assert.Equal(logits[document.Index], document.Score, 1e-5));
        Assert.Equal([1, 1], made.Context.Charges);
    }

    [Theory]
    [InlineData("""{"activation_fn": "torch.nn.modules.linear.Identity"}""", null, null, false)]
    [InlineData("""{"activation_fn": "torch.nn.modules.activation.Sigmoid"}""", null, null, true)]
    [InlineData(null, "torch.nn.modules.linear.Identity", null, false)]
    [InlineData(null, null, "none", false)]
    [InlineData(null, null, null, true)]
    public void Predict_ScoresOfTheConfig_AreSigmoidOrRaw(string? own, string? old, string? pipeline, bool sigmoid)
    {
        using var made = new Made(edit: config =>
        {
            config["sentence_transformers"] = own is null ? null : JsonNode.Parse(own);
            config["sbert_ce_default_activation_function"] = old;
            config["function_to_apply"] = pipeline;
        });
        var logit = Logit("quiet", "film");

        Assert.Equal(sigmoid ? 1 / (1 + Math.Exp(-logit)) : logit, made.Reranker.Predict(new("quiet", ["film"]), null, Token).Value.Documents[0].Score, 1e-5);
    }

    [Fact]
    public async Task PredictBatchAsync_QueriesOfSeveralDocuments_EqualsEachAlone()
    {
        using var made = new Made();
        RerankInput[] inputs = [Films, new("loud", ["a film"]), new("noise and", ["it was dull", "never", "the story ends"])];

        var results = await made.Reranker.PredictBatchAsync(inputs, null, Token);

        Assert.Equal([3], made.Context.Charges);
        for (var i = 0; i < inputs.Length; i++)
        {
            Assert.Equal((await made.Reranker.PredictAsync(inputs[i], null, Token)).Value.Documents, results[i].Value.Documents);
        }
    }

    [Fact]
    public void Predict_EqualScores_KeepTheOrderOfTheDocuments()
    {
        using var made = new Made(FakeTextGraph.OfClasses(1, _ => [0.5f]));

        Assert.Equal([0, 1, 2, 3], made.Reranker.Predict(Films, null, Token).Value.Documents.Select(document => document.Index));
    }

    [Fact]
    public void Predict_BadTexts_SayWhichAndTheRerankerGoesOn()
    {
        using var made = new Made();

        Assert.Contains("query", Empty(made, new(" ", ["film"])).Message, StringComparison.Ordinal);
        Assert.Contains("document at 1", Empty(made, new("film", ["film", ""])).Message, StringComparison.Ordinal);
        var refusal = Assert.Throws<InputException>(() => made.Reranker.Predict(new("film", [string.Join(' ', Enumerable.Repeat("film", 11))]), null, Token));
        Assert.Contains("15 tokens, 3 more than the limit of 12", refusal.Message, StringComparison.Ordinal);
        Assert.Single(made.Reranker.Predict(new("film", [string.Join(' ', Enumerable.Repeat("film", 11))]), new() { Truncation = TruncationStrategy.OnlySecond }, Token).Value.Documents);
        Assert.Throws<ArgumentException>(() => new RerankInput("film", []));
    }

    [Fact]
    public void Predict_ScoreThatIsNoNumber_IsRunFailedAndTheRerankerGoesOn()
    {
        using var made = new Made(FakeTextGraph.OfClasses(1, ids => [ids.Contains(TinyTextModel.Id(TinyTextModel.Poison)) ? float.NaN : 1]));

        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => made.Reranker.Predict(new("film", ["a", TinyTextModel.Poison]), null, Token)).Error);
        Assert.Single(made.Reranker.Predict(new("film", ["a"]), null, Token).Value.Documents);
    }

    [Fact]
    public void Create_GraphOfSeveralClasses_IsRefused()
    {
        var refusal = Assert.Throws<InferenceException>(() => new Made(FakeTextGraph.OfClasses(2, _ => [0, 0])));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("2 scores", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_UnknownActivation_IsNamed() =>
        Assert.Contains("'Tanh'", Assert.Throws<InferenceException>(() => new Made(edit: config => config["sbert_ce_default_activation_function"] = "torch.nn.Tanh")).Message, StringComparison.Ordinal);

    private static InputException Empty(Made made, RerankInput input)
    {
        var refusal = Assert.Throws<InputException>(() => made.Reranker.Predict(input, null, Token));
        Assert.Equal(InputError.Empty, refusal.Error);
        return refusal;
    }

    private static float Logit(long[] ids) => ids.Select((id, place) => MathF.Cos((id * 5) + place)).Sum();

    private static double Logit(string query, string document) => Logit([.. $"[CLS] {query} [SEP] {document} [SEP]".Split(' ').Select(token => (long)TinyTextModel.Id(token))]);

    private sealed class Made : IDisposable
    {
        private readonly FakeTextGraph _graph;

        public Made(FakeTextGraph? graph = null, Action<JsonObject>? edit = null)
        {
            _graph = graph ?? FakeTextGraph.OfClasses(1, ids => [Logit(ids)]);
            Reranker = new Reranker(_graph.Runner, "model", RerankerSettings.Parse(Model.Files(edit)), Context);
        }

        public FakePredictorContext Context { get; } = new();

        public Reranker Reranker { get; }

        public void Dispose()
        {
            Reranker.Dispose();
            _graph.Dispose();
        }
    }
}
