using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

// What is expected was recorded from transformers' TokenClassificationPipeline, or worked out by hand after it.
public sealed class TokenClassifierTests
{
    private const string Sentence = "Quietly film dull noise";

    private static readonly TinyTextModel Model = new();

    private static readonly string[] Labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];

    // The scores of a token, in the order of the labels; of others, that they are nothing.
    private static readonly Dictionary<string, float[]> Known = new(StringComparer.Ordinal)
    {
        ["quiet"] = [.1f, .5f, .2f, .1f, .1f],
        ["##ly"] = [.1f, .1f, .1f, .6f, .1f],
        ["film"] = [.1f, .1f, .7f, .05f, .05f],
        ["noise"] = [.2f, .1f, .1f, .1f, .5f],
        ["[UNK]"] = [.2f, .1f, .1f, .5f, .1f],
        ["story"] = [.1f, .8f, .05f, .03f, .02f],
        [TinyTextModel.Poison] = [float.NaN, .1f, .1f, .1f, .1f],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TokenAggregation.None, "quiet B-PER 0.5 0..5 | ##ly B-LOC 0.6 5..7 | film I-PER 0.7 8..12 | noise I-LOC 0.5 18..23")]
    [InlineData(TokenAggregation.Simple, "quiet PER 0.5 0..5 | ##ly LOC 0.6 5..7 | film PER 0.7 8..12 | noise LOC 0.5 18..23")]
    [InlineData(TokenAggregation.First, "quietly film PER 0.6 0..12 | noise LOC 0.5 18..23")]
    [InlineData(TokenAggregation.Max, "quietly LOC 0.6 0..7 | film PER 0.7 8..12 | noise LOC 0.5 18..23")]
    [InlineData(TokenAggregation.Average, "quietly LOC 0.35 0..7 | film PER 0.7 8..12 | noise LOC 0.5 18..23")]
    public void Predict_Aggregation_IsThatOfTransformers(TokenAggregation aggregation, string expected)
    {
        using var made = new Made();

        var entities = made.Predict(Sentence, new() { Aggregation = aggregation });

        Assert.Equal(expected, Shown(entities));
        Assert.Equal(aggregation == TokenAggregation.None ? "1 2 3 5" : "", string.Join(' ', entities.Select(entity => entity.Token)).Trim());
    }

    [Fact]
    public void Predict_RecordedCases_GivesWhatTransformersGives()
    {
        using var recorded = JsonDocument.Parse(File.ReadAllBytes(Repository.File("tests", "vectors", "text", "token-classification.json")));
        var labels = recorded.RootElement.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!).ToArray();
        var logits = recorded.RootElement.GetProperty("logits").EnumerateObject().ToDictionary(
            token => (long)TinyTextModel.Id(token.Name), token => token.Value.EnumerateArray().Select(number => number.GetSingle()).ToArray());
        using var graph = FakeTextGraph.OfTokens("logits", labels.Length, id => logits[id]);
        var files = Model.Files(config => config["id2label"] = new JsonObject(labels.Select((label, id) => KeyValuePair.Create<string, JsonNode?>($"{id}", label))));
        using var classifier = new TokenClassifier(graph.Runner, "model", TokenClassifierSettings.Parse(files), new FakePredictorContext());
        var compared = 0;
        foreach (var recording in recorded.RootElement.GetProperty("cases").EnumerateArray())
        {
            var windows = recording.TryGetProperty("stride", out var stride);
            var options = new TokenClassifierOptions
            {
                Aggregation = Enum.Parse<TokenAggregation>(recording.GetProperty("aggregation").GetString()!, ignoreCase: true),
                MaxLength = windows ? recording.GetProperty("maxLength").GetInt32() : null,
                Stride = windows ? stride.GetInt32() : null,
            };

            var entities = classifier.Predict(recording.GetProperty("text").GetString()!, options, Token).Value.Entities;

            JsonElement[] expected = [.. recording.GetProperty("entities").EnumerateArray()];
            Assert.Equal(
                expected.Select(entity => (entity.GetProperty("label").GetString()!, entity.GetProperty("start").GetInt32(), entity.GetProperty("end").GetInt32(), entity.GetProperty("word").GetString()!)),
                entities.Select(entity => (entity.Label, entity.Span.Start, entity.Span.End, entity.Word)));
            Assert.All(expected.Zip(entities), pair => Assert.Equal(pair.First.GetProperty("score").GetDouble(), pair.Second.Score, 1e-5));
            Assert.Equal(expected.Select(entity => entity.TryGetProperty("index", out var index) ? index.GetInt32() : (int?)null), entities.Select(entity => entity.Token));
            compared++;
        }

        Assert.Equal(199, compared);
    }

    [Fact]
    public void Predict_NeighboursOfOneKind_AreOneEntityUnlessOneBegins()
    {
        using var made = new Made();

        Assert.Equal("story film film PER 0.73333 0..15 | story PER 0.8 16..21", Shown(made.Predict("story film film story")));
    }

    [Fact]
    public void Predict_UnknownWord_IsCalledWhatTheTextSays()
    {
        using var made = new Made();

        Assert.Equal("Zürich LOC 0.5 3..9 | film PER 0.7 10..14", Shown(made.Predict("😀 Zürich film", new() { Aggregation = TokenAggregation.First, IgnoredLabels = ["O", "😀"] }), skip: 1));
        Assert.Equal(new TextSpan(0, 2), made.Predict("😀 a", new() { Aggregation = TokenAggregation.None })[0].Span);
    }

    [Fact]
    public void Predict_IgnoredLabels_AreThoseOfTheResult()
    {
        using var made = new Made();

        Assert.Equal("dull O 0.8 13..17 | noise LOC 0.5 18..23", Shown(made.Predict(Sentence, new() { Aggregation = TokenAggregation.First, IgnoredLabels = ["PER"] })));
        Assert.Equal(3, made.Predict(Sentence, new() { Aggregation = TokenAggregation.First, IgnoredLabels = [] }).Count);
        Assert.DoesNotContain(made.Predict(Sentence, new() { Aggregation = TokenAggregation.None, IgnoredLabels = ["I-PER"] }), entity => entity.Label == "I-PER");
    }

    [Fact]
    public void Predict_TokenizerWithoutMarks_TakesWhatNoSpaceDividesAsAWord()
    {
        using var made = new Made(tokenizer: """
            {
              "version": "1.0", "added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
              "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[PAD]": 0, "[UNK]": 1, "quiet": 5, "film": 7, "dull": 8, "noise": 10, ",": 17}}
            }
            """);

        Assert.Equal("quiet , film PER 0.5 0..10 | noise LOC 0.5 11..16", Shown(made.Predict("quiet,film noise", new() { Aggregation = TokenAggregation.First })));
    }

    // Windows of four tokens that share two: [a film noise noise] [noise noise a a] [a a film].
    [Fact]
    public void Predict_Stride_MergesWhatWindowsShare()
    {
        var scores = new Dictionary<string, float[]>(Known, StringComparer.Ordinal) { ["noise"] = [.1f, .1f, .6f, .1f, .1f] };
        using var made = new Made(scores: scores);

        var entities = made.Predict("a film noise noise a a film", new() { MaxLength = 6, Stride = 2 });

        Assert.Equal("film noise noise PER 0.63333 2..18 | film PER 0.7 23..27", Shown(entities));
        Assert.Equal([1], made.Context.Charges);
        Assert.Equal("film noise noise PER 0.63333 2..18", Shown(made.Predict("a film noise noise a a film", new() { MaxLength = 6, Truncation = TruncationStrategy.LongestFirst })));
    }

    [Fact]
    public async Task PredictBatchAsync_Texts_EqualsEachAlone()
    {
        using var made = new Made();
        TextInput[] texts = [Sentence, "film", "it was a quiet story and noise"];

        var results = await made.Classifier.PredictBatchAsync(texts, null, Token);

        Assert.Equal([3], made.Context.Charges);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal((await made.Classifier.PredictAsync(texts[i], null, Token)).Value.Entities, results[i].Value.Entities);
        }
    }

    [Fact]
    public void Predict_BadInput_SaysWhatAndTheClassifierGoesOn()
    {
        using var made = new Made();

        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => made.Predict(" ")).Error);
        Assert.Contains("17 tokens, 5 more than the limit of 12", Assert.Throws<InputException>(() => made.Predict(string.Join(' ', Enumerable.Repeat("film", 15)))).Message, StringComparison.Ordinal);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => made.Predict(string.Join(' ', Enumerable.Repeat("film", 15)), new() { Stride = 10 })).Error);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => made.Classifier.Predict(new TextInput("a", "film"), null, Token)).Error);
        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => made.Predict(TinyTextModel.Poison)).Error);
        Assert.Throws<ArgumentException>(() => made.Predict("film", new() { Stride = 2, Aggregation = TokenAggregation.None }));
        Assert.Single(made.Predict("film"));
        Assert.Empty(made.Predict("a"));
    }

    [Fact]
    public void Create_OtherNumberOfLabels_SaysBothNumbers()
    {
        var refusal = Assert.Throws<InferenceException>(() => new Made(edit: config => config["id2label"] = JsonNode.Parse("""{"0": "O", "1": "PER"}""")));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains("2 labels", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("5 scores", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_NoLabels_NamesThemAsTransformers()
    {
        using var made = new Made(edit: config => config.Remove("id2label"));

        Assert.Equal("LABEL_2", Assert.Single(made.Predict("film")).Label);
    }

    private static string Shown(IReadOnlyList<TextEntity> entities, int skip = 0) => string.Join(" | ", entities.Skip(skip).Select(entity => FormattableString.Invariant($"{entity.Word} {entity.Label} {entity.Score:0.#####} {entity.Span.Start}..{entity.Span.End}")));

    private sealed class Made : IDisposable
    {
        private readonly FakeTextGraph _graph;

        public Made(Action<JsonObject>? edit = null, string? tokenizer = null, Dictionary<string, float[]>? scores = null)
        {
            var byId = (scores ?? Known).ToDictionary(entry => (long)TinyTextModel.Id(entry.Key), entry => entry.Value);
            _graph = FakeTextGraph.OfTokens("logits", Labels.Length, id => Array.ConvertAll(byId.GetValueOrDefault(id, [.8f, .05f, .05f, .05f, .05f]), MathF.Log));
            var files = Model.Files(config =>
            {
                config["id2label"] = new JsonObject(Labels.Select((label, id) => KeyValuePair.Create<string, JsonNode?>($"{id}", label)));
                edit?.Invoke(config);
            });
            if (tokenizer is not null)
            {
                files["tokenizer.json"] = Encoding.UTF8.GetBytes(tokenizer);
                files["tokenizer_config.json"] = """{"unk_token": "[UNK]", "pad_token": "[PAD]"}"""u8.ToArray();
            }

            Classifier = new TokenClassifier(_graph.Runner, "model", TokenClassifierSettings.Parse(files), Context);
        }

        public FakePredictorContext Context { get; } = new();

        public TokenClassifier Classifier { get; }

        public IReadOnlyList<TextEntity> Predict(string text, TokenClassifierOptions? options = null) => Classifier.Predict(text, options, Token).Value.Entities;

        public void Dispose()
        {
            Classifier.Dispose();
            _graph.Dispose();
        }
    }
}
