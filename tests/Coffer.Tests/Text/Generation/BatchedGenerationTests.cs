using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Tests.Text;

/// <summary>Prompts that share runs: tokens equal to those of single calls, scores within 1e-4, whatever is padded.</summary>
public sealed class BatchedGenerationTests
{
    private static readonly string[] Texts = ["Hello, world", "A quiet day at the sea.", "x", "Über alles schön — 東京", "Hello, earth", "The end"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("t5")]
    [InlineData("marian")]
    public async Task Batch_Greedy_EqualsSingleCallsWithTheirScores(string architecture)
    {
        using var model = new ExportedArchitecture(architecture);
        TextGeneratorOptions[] ways =
        [
            new() { MaxNewTokens = 24, Beams = 1 },
            new() { MaxNewTokens = 24, Beams = 1, RepetitionPenalty = 1.7f },
            new() { MaxNewTokens = 24, Beams = 1, NoRepeatNgramSize = 2, MinNewTokens = 20 },
        ];
        foreach (var options in ways)
        {
            var (together, alone) = (new Recorder(), new Recorder());
            var batch = await model.GenerateBatchAsync(Texts, options with { LogitsProcessors = [together] });
            var singles = Texts.Select(text => model.Generate(text, options with { LogitsProcessors = [alone] })).ToArray();

            // Rows begin in the order of their lengths.
            var rows = Enumerable.Range(0, Texts.Length).OrderBy(place => singles[place].Usage.Prompt).ToArray();
            for (var row = 0; row < rows.Length; row++)
            {
                var (actual, expected) = (batch[rows[row]], singles[rows[row]]);
                Assert.Equal(expected.Tokens.ToArray(), actual.Tokens.ToArray());
                Assert.Equal((expected.Text, expected.FinishReason, expected.Usage), (actual.Text, actual.FinishReason, actual.Usage));
                RequireNear(alone.Generations[rows[row]], together.Generations[row]);
            }
        }
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("llama")]
    [InlineData("t5", "decoder_model_merged")]
    [InlineData("marian", "decoder_model_merged")]
    [InlineData("t5", "decoder_model_merged", "decoder_with_past_model")]
    public async Task Batch_EachLayout_RunsManyRowsAtOnce(string architecture, params string[] without)
    {
        using var model = new ExportedArchitecture(architecture, without);
        using var runner = new CountingRunner(model.Runner);
        var options = new TextGeneratorOptions { MaxNewTokens = 10, Beams = 1, EndOfSequence = [] };

        var batch = await model.GenerateBatchAsync(Texts, options, runner);

        Assert.Equal(Texts.Select(text => string.Join(' ', model.Generate(text, options).Tokens.ToArray())), batch.Select(result => string.Join(' ', result.Tokens.ToArray())));
        Assert.Equal(10, runner.Rows.Count(rows => rows == Texts.Length));
        Assert.Equal(6, runner.Rows.Count(rows => rows != Texts.Length));
        Assert.Equal([Texts.Length], model.Context.Charges.Take(1));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("marian")]
    public async Task Batch_Sampling_DrawsWhatEachPromptDrawsAlone(string architecture)
    {
        using var model = new ExportedArchitecture(architecture);
        var options = new TextGeneratorOptions { MaxNewTokens = 20, Beams = 1, Temperature = 1.3f, TopP = 0.95f, Seed = 4 };

        var batch = await model.GenerateBatchAsync(Texts, options);

        Assert.All(Texts.Zip(batch), pair => Assert.Equal(model.Generate(pair.First, options).Tokens.ToArray(), pair.Second.Tokens.ToArray()));
    }

    // Rows end at different times, by stop strings, the end token and the length; the others go on as if alone.
    [Fact]
    public async Task Batch_RowsThatEnd_LeaveTheOthersAlone()
    {
        using var model = new TinyStories();
        string[] prompts = ["Once upon a time", "Lily", "The dog was very happy because", "One day, a boy", "Tom and his mother went to the park to play. They"];
        var whole = prompts.Select(prompt => model.Generator.Predict(prompt, new() { MaxNewTokens = 60 }, Token).Value).ToArray();
        var options = new TextGeneratorOptions
        {
            MaxNewTokens = 60,
            StopStrings = [whole[0].Text[20..26], whole[4].Text[70..78]],
            EndOfSequence = [whole[2].Tokens.Span[12]],
        };

        var batch = await model.Generator.PredictBatchAsync([.. prompts.Select(TextPrompt.FromString)], options, Token);

        var singles = prompts.Select(prompt => model.Generator.Predict(prompt, options, Token).Value).ToArray();
        for (var i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(singles[i].Tokens.ToArray(), batch[i].Value.Tokens.ToArray());
            Assert.Equal((singles[i].Text, singles[i].FinishReason), (batch[i].Value.Text, batch[i].Value.FinishReason));
        }

        Assert.True(singles.Select(result => result.Tokens.Length).Distinct().Count() >= 3);
    }

    [Fact]
    public async Task Batch_PromptsUpToTheModelsPositions_ArePaddedOnlyAsFarAsThereIsRoom()
    {
        using var model = new ExportedArchitecture("gpt2");
        string[] texts = ["x", new string('y', 40), new string('z', 118)];
        var options = new TextGeneratorOptions { EndOfSequence = [] };

        var batch = await model.GenerateBatchAsync(texts, options);

        Assert.Equal(texts.Select(text => model.Generate(text, options).Tokens.ToArray()), batch.Select(result => result.Tokens.ToArray()));
        Assert.Equal(10, batch[2].Tokens.Length);
    }

    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(2, null, 2)]
    [InlineData(8, 3 * 27 * 512, 3)]
    public async Task Batch_SizeAndCacheLimit_BoundTheRows(int batchSize, int? cacheBytes, int expected)
    {
        using var model = new ExportedArchitecture("gpt2");
        using var runner = new CountingRunner(model.Runner);
        var texts = Enumerable.Repeat("Hello, world!!!!!", 6).ToArray();
        Assert.Equal(17, model.Tokenizer.Encode(texts[0]).Count);

        var batch = await model.GenerateBatchAsync(texts, new() { MaxNewTokens = 10, BatchSize = batchSize, MaxCacheBytes = cacheBytes }, runner);

        Assert.Equal(6, batch.Length);
        Assert.Equal(expected, runner.Rows.TakeLast(10).Distinct().Single());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => model.CreateGenerator().PredictBatchAsync(["x"], new() { BatchSize = 0 }, Token));
    }

    // No mask, or one that the graph doesn't heed: padding would be text.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Batch_GraphThatCantTellPaddingFromText_SharesRunsOnlyAmongOneLength(bool takesMask)
    {
        using var model = new TinyLanguageModel(takesMask: takesMask);
        TextPrompt[] prompts = ["Hi", "Hello", "Ho", "Hallo", "x"];
        var options = new TextGeneratorOptions { MaxNewTokens = 12 };

        var batch = await model.Generator.PredictBatchAsync(prompts, options, Token);

        Assert.All(prompts.Zip(batch), pair => Assert.Equal(model.Generator.Predict(pair.First, options, Token).Value.Tokens.ToArray(), pair.Second.Value.Tokens.ToArray()));
    }

    [Fact]
    public async Task Batch_BeamsAndSeveralSequences_EqualSingleCalls()
    {
        using var model = new ExportedArchitecture("marian");
        TextGeneratorOptions[] ways = [new() { MaxNewTokens = 12, Beams = 3, Sequences = 2 }, new() { MaxNewTokens = 12, Beams = 1, Sample = true, Sequences = 2, Seed = 3 }];
        foreach (var options in ways)
        {
            var batch = await model.GenerateBatchAsync(Texts, options);

            Assert.All(Texts.Zip(batch), pair => Assert.Equal(model.Generate(pair.First, options).Sequences.Select(one => one.Text), pair.Second.Sequences.Select(one => one.Text)));
        }
    }

    [Fact]
    public async Task Batch_OnePromptFails_FailsTheBatchAndTheNextWorks()
    {
        const int Poison = 100;
        using var model = new TinyLanguageModel(poison: Poison);
        var options = new TextGeneratorOptions { MaxNewTokens = 4, SuppressTokens = [Poison] };
        TextPrompt[] good = [TextPrompt.FromTokens(new[] { 5, 6 }), TextPrompt.FromTokens(new[] { 7, 8 })];

        var failure = await Assert.ThrowsAsync<InferenceException>(() => model.Generator.PredictBatchAsync([.. good, TextPrompt.FromTokens(new[] { 5, Poison })], options, Token));

        Assert.Equal(InferenceError.RunFailed, failure.Error);
        Assert.Equal(2, (await model.Generator.PredictBatchAsync(good, options, Token)).Count);
        Assert.Equal([3, 2], model.Context.Charges);
    }

    [Fact]
    public async Task Batch_Cancelled_StopsAndTheNextWorks()
    {
        using var model = new ExportedArchitecture("llama");
        using var generator = model.CreateGenerator();
        using var cancellation = new CancellationTokenSource();
        var options = new TextGeneratorOptions { MaxNewTokens = 20, EndOfSequence = [] };
        TextPrompt[] prompts = [.. Texts.Select(TextPrompt.FromString)];

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.PredictBatchAsync(prompts, options with { LogitsProcessors = [new Canceller(cancellation)] }, cancellation.Token));

        Assert.All(await generator.PredictBatchAsync(prompts, options, Token), result => Assert.Equal(20, result.Value.Tokens.Length));
    }

    private static void RequireNear(List<float[]> expected, List<float[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.Equal(one.Length, other.Length);
            for (var token = 0; token < one.Length; token++)
            {
                Assert.Equal(one[token], other[token], 1e-4f);
            }
        }
    }

    private sealed class Recorder : LogitsProcessor
    {
        /// <summary>The scores of each generation's steps, in the order in which they began.</summary>
        public List<List<float[]>> Generations { get; } = [];

        public override LogitsProcessor Begin(LogitsProcessorContext context)
        {
            Generations.Add([]);
            return new One(Generations[^1]);
        }

        public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits) => throw new NotSupportedException();

        private sealed class One(List<float[]> steps) : LogitsProcessor
        {
            public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits) => steps.Add(logits.ToArray());
        }
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : LogitsProcessor
    {
        public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
        {
            if (ids.Length > promptLength + 3)
            {
                cancellation.Cancel();
            }
        }
    }
}
