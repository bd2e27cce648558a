using System.Text;
using Coffer.Inference;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class TextEmbedderTests(ITestOutputHelper output)
{
    private const int Width = 5;

    private static readonly TinyTextModel Model = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EmbeddingPooling.Mean)]
    [InlineData(EmbeddingPooling.Cls)]
    [InlineData(EmbeddingPooling.Last)]
    [InlineData(EmbeddingPooling.Max)]
    [InlineData(EmbeddingPooling.MeanSquareRoot)]
    [InlineData(EmbeddingPooling.WeightedMean)]
    public void Predict_Pooling_IsThatOfTheTokensVectors(EmbeddingPooling pooling)
    {
        using var made = new Made();

        var vector = made.Embedder.Predict("quiet film", new() { Pooling = pooling }, Token).Value.Vector.ToArray();

        AssertVector(Pool(pooling, "[CLS] quiet film [SEP]"), vector);
    }

    [Fact]
    public void Predict_NothingSaid_IsTheMeanAndNotScaled()
    {
        using var made = new Made();

        AssertVector(Pool(EmbeddingPooling.Mean, "[CLS] quiet film [SEP]"), Vector(made, "quiet film"));
        Assert.Equal(Width, made.Embedder.Dimensions);
        Assert.Equal(EmbeddingSimilarity.Cosine, made.Embedder.Similarity);
    }

    [Fact]
    public void Predict_SentenceTransformersFiles_PoolsAndScalesAsTheySay()
    {
        using var made = new Made(files: new()
        {
            ["1_Pooling/config.json"] = """{"word_embedding_dimension": 5, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false, "pooling_mode_max_tokens": true}""",
            ["modules.json"] = """[{"idx": 0, "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "type": "sentence_transformers.models.Pooling"}, {"idx": 2, "type": "sentence_transformers.models.Normalize"}]""",
            ["config_sentence_transformers.json"] = """{"similarity_fn_name": "dot"}""",
        });
        double[] both = [.. Pool(EmbeddingPooling.Cls, "[CLS] dull [SEP]"), .. Pool(EmbeddingPooling.Max, "[CLS] dull [SEP]")];
        var length = Math.Sqrt(both.Sum(x => x * x));

        AssertVector([.. both.Select(x => x / length)], Vector(made, "dull"));
        AssertVector(both, Vector(made, "dull", new() { Normalize = false }));
        Assert.Equal(2 * Width, made.Embedder.Dimensions);
        Assert.Equal(EmbeddingSimilarity.Dot, made.Embedder.Similarity);
    }

    [Fact]
    public async Task PredictBatchAsync_AnyLengths_EqualsEachTextAlone()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        string[] words = ["a", "quiet", "lovely", "film", "dull", "loud", "noise", "and"];
        string[] texts = [.. Enumerable.Range(0, 37).Select(_ => string.Join(' ', random.GetItems(words, random.Next(1, 9))))];
        using var made = new Made();

        var results = await made.Embedder.PredictBatchAsync([.. texts.Select(TextInput.FromString)], null, Token);

        Assert.Equal([37], made.Context.Charges);
        for (var i = 0; i < texts.Length; i++)
        {
            AssertVector(Pool(EmbeddingPooling.Mean, $"[CLS] {texts[i]} [SEP]"), results[i].Value.Vector.ToArray());
        }

        Assert.Empty(await made.Embedder.PredictBatchAsync([], null, Token));
        AssertVector(Pool(EmbeddingPooling.Mean, "[CLS] a film [SEP]"), (await made.Embedder.PredictAsync("a film", null, Token)).Value.Vector.ToArray());
    }

    [Fact]
    public async Task Predict_PaddedOnTheLeft_FindsTheTokens()
    {
        using var made = new Made(files: new() { ["tokenizer_config.json"] = """{"padding_side": "left", "pad_token": "[PAD]"}""" });

        var results = await made.Embedder.PredictBatchAsync(["film", "a quiet film and noise"], new() { Pooling = EmbeddingPooling.Last }, Token);

        AssertVector(Pool(EmbeddingPooling.Last, "[CLS] film [SEP]"), results[0].Value.Vector.ToArray());
    }

    [Fact]
    public void Predict_GraphThatPools_GivesItsEmbeddingUnlessAskedOtherwise()
    {
        float[] Sentence(long[] ids) => [.. Enumerable.Range(0, Width).Select(i => (float)ids[^2] + i)];
        using var alone = new Made(FakeTextGraph.OfSentence(Width, Sentence));
        using var both = new Made(FakeTextGraph.OfSentence(Width, Sentence, Numbers));
        float[] own = [.. Enumerable.Range(0, Width).Select(i => (float)TinyTextModel.Id("film") + i)];

        Assert.Equal(own, Vector(alone, "film"));
        Assert.Equal(own, Vector(both, "film"));
        AssertVector(Pool(EmbeddingPooling.Max, "[CLS] film [SEP]"), Vector(both, "film", new() { Pooling = EmbeddingPooling.Max }));
        Assert.Equal(InferenceError.NotCapable, Assert.Throws<InferenceException>(() => Vector(alone, "film", new() { Pooling = EmbeddingPooling.Max })).Error);
        Assert.Equal(own, Vector(alone, "film"));
    }

    [Fact]
    public void Predict_Prompt_IsPutBeforeTheText()
    {
        using var made = new Made(files: new() { ["config_sentence_transformers.json"] = """{"prompts": {"query": "the story ", "document": ""}, "default_prompt_name": "query"}""" });

        AssertVector(Pool(EmbeddingPooling.Mean, "[CLS] the story film [SEP]"), Vector(made, "film"));
        AssertVector(Pool(EmbeddingPooling.Mean, "[CLS] film [SEP]"), Vector(made, "film", new() { Prompt = "document" }));
        AssertVector(Pool(EmbeddingPooling.Mean, "[CLS] a film [SEP]"), Vector(made, "film", new() { Prefix = "a " }));
        Assert.Equal(["query", "document"], made.Embedder.Prompts.Keys);
        Assert.Contains("'query', 'document'", Assert.Throws<ArgumentException>(() => Vector(made, "film", new() { Prompt = "passage" })).Message, StringComparison.Ordinal);
        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => Vector(made, " ")).Error);
    }

    [Fact]
    public void Predict_PromptThatDoesNotCount_IsLeftOutOfTheMean()
    {
        using var made = new Made(files: new() { ["1_Pooling/config.json"] = """{"pooling_mode_mean_tokens": true, "include_prompt": false}""" });

        AssertVector(Pool(EmbeddingPooling.Mean, "film [SEP]"), Vector(made, "film", new() { Prefix = "the story " }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\n")]
    public void Predict_NothingToRead_IsEmptyAndThePredictorGoesOn(string text)
    {
        using var made = new Made();

        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => Vector(made, text)).Error);
        Assert.Equal(Width, Vector(made, "film").Length);
    }

    [Fact]
    public void Predict_TooLong_SaysByHowMuchAndTruncatesWhereAsked()
    {
        using var made = new Made(files: new() { ["sentence_bert_config.json"] = """{"max_seq_length": 6, "do_lower_case": false}""" });
        const string Text = "film film film film film film film";

        Assert.Contains("9 tokens, 3 more than the limit of 6", Assert.Throws<InputException>(() => Vector(made, Text)).Message, StringComparison.Ordinal);
        AssertVector(Pool(EmbeddingPooling.Mean, "[CLS] film film film film [SEP]"), Vector(made, Text, new() { Truncation = TruncationStrategy.LongestFirst }));
    }

    [Fact]
    public void Predict_NumbersThatAreNone_IsRunFailedAndThePredictorGoesOn()
    {
        using var made = new Made(FakeTextGraph.OfTokens("last_hidden_state", Width, id => id == TinyTextModel.Id(TinyTextModel.Poison) ? [1, float.NaN, 1, 1, 1] : Numbers(id)));

        Assert.Equal(InferenceError.RunFailed, Assert.Throws<InferenceException>(() => Vector(made, $"film {TinyTextModel.Poison}")).Error);
        Assert.Equal(Width, Vector(made, "film").Length);
    }

    [Fact]
    public void Predict_Pair_IsUnsuitable()
    {
        using var made = new Made();

        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => made.Embedder.Predict(new TextInput("a", "film"), null, Token)).Error);
    }

    [Theory]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_mean_tokens": false}""", "pooling_mode_cls_token")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "attention"}""", "'attention'")]
    [InlineData("modules.json", """[{"type": "sentence_transformers.models.Pooling"}, {"type": "sentence_transformers.models.Dense"}]""", "'Dense'")]
    [InlineData("modules.json", "{}", "array")]
    [InlineData("config_sentence_transformers.json", """{"similarity_fn_name": "warmth"}""", "'warmth'")]
    [InlineData("config_sentence_transformers.json", """{"prompts": {}, "default_prompt_name": "query"}""", "'query'")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 0}""", "max_seq_length")]
    public void Create_FileThatDoesNotFit_SaysWhat(string name, string content, string named)
    {
        var refusal = Assert.Throws<InferenceException>(() => new Made(files: new() { [name] = content }));

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_Classifier_SaysWhatItGives() =>
        Assert.Contains("last_hidden_state", Assert.Throws<InferenceException>(() => new Made(FakeTextGraph.OfClasses(3, _ => [0, 0, 0]))).Message, StringComparison.Ordinal);

    private static float[] Vector(Made made, string text, TextEmbedderOptions? options = null) => made.Embedder.Predict(text, options, Token).Value.Vector.ToArray();

    private static float[] Numbers(long id) => [.. Enumerable.Range(1, Width).Select(i => MathF.Sin((id * 7) + (i * 3)))];

    private static double[] Pool(EmbeddingPooling pooling, string tokens)
    {
        double[][] rows = [.. tokens.Split(' ').Select(token => Array.ConvertAll(Numbers(TinyTextModel.Id(token)), x => (double)x))];
        return [.. Enumerable.Range(0, Width).Select(i => pooling switch
        {
            EmbeddingPooling.Cls => rows[0][i],
            EmbeddingPooling.Last => rows[^1][i],
            EmbeddingPooling.Max => rows.Max(row => row[i]),
            EmbeddingPooling.MeanSquareRoot => rows.Sum(row => row[i]) / Math.Sqrt(rows.Length),
            EmbeddingPooling.WeightedMean => rows.Select((row, place) => row[i] * (place + 1)).Sum() / (rows.Length * (rows.Length + 1) / 2.0),
            _ => rows.Average(row => row[i]),
        })];
    }

    private static void AssertVector(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    private sealed class Made : IDisposable
    {
        private readonly FakeTextGraph _graph;

        public Made(FakeTextGraph? graph = null, Dictionary<string, string>? files = null)
        {
            _graph = graph ?? FakeTextGraph.OfTokens("last_hidden_state", Width, Numbers);
            var all = Model.Files();
            foreach (var (name, content) in files ?? [])
            {
                all[name] = Encoding.UTF8.GetBytes(content);
            }

            Embedder = new TextEmbedder(_graph.Runner, "model", TextEmbedderSettings.Parse(all), Context);
        }

        public FakePredictorContext Context { get; } = new();

        public TextEmbedder Embedder { get; }

        public void Dispose()
        {
            Embedder.Dispose();
            _graph.Dispose();
        }
    }
}
