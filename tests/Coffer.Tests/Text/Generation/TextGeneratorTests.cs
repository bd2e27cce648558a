using System.Text;
using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Tests.Vision;
using Coffer.Text;

namespace Coffer.Tests.Text;

public sealed class TextGeneratorTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Predict_Greedy_EqualsTheReference()
    {
        using var model = new TinyStories();
        var (prompt, expected) = TinyStories.Reference();

        var prediction = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = expected.Length }, Token);

        Assert.Equal(expected, prediction.Value.Tokens.ToArray());
        Assert.Equal(new TokenUsage(prompt.Length, expected.Length), prediction.Value.Usage);
        Assert.Equal(FinishReason.Length, prediction.Value.FinishReason);
        Assert.StartsWith(", a little girl named Lily", prediction.Value.Text, StringComparison.Ordinal);
        Assert.Equal(("0123abcd", "CPU"), (prediction.ModelDigest, prediction.ExecutionProvider));
        Assert.Equal([1], model.Context.Charges);
    }

    // With a cache and without: each token is the best of a run over the whole text so far.
    [Fact]
    public void Predict_WithCache_EqualsRunsWithoutTokenForToken()
    {
        using var model = new TinyStories();
        var (prompt, _) = TinyStories.Reference();

        var generated = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 40 }, Token).Value.Tokens.ToArray();

        List<int> ids = [.. prompt];
        foreach (var token in generated)
        {
            var last = model.Logits([.. ids])[^1];
            Assert.Equal(last.IndexOf(last.Max()), token);
            ids.Add(token);
        }
    }

    [Fact]
    public async Task PredictStreamAsync_Tokens_AreThoseOfPredictAndTheirTextsAreItsText()
    {
        using var model = new TinyStories();
        var options = new TextGeneratorOptions { MaxNewTokens = 60 };
        var whole = (await model.Generator.PredictAsync(TinyStories.Beginning, options, Token)).Value;

        var tokens = new List<GeneratedToken>();
        await foreach (var token in model.Generator.PredictStreamAsync(TinyStories.Beginning, options, Token))
        {
            tokens.Add(token);
        }

        Assert.Equal(whole.Tokens.ToArray(), tokens.Select(token => token.Id));
        Assert.Equal(whole.Text, string.Concat(tokens.Select(token => token.Text)));
        Assert.All(tokens.SkipLast(1), token => Assert.Null(token.FinishReason));
        Assert.Equal(FinishReason.Length, tokens[^1].FinishReason);
        Assert.Equal(whole.Usage, tokens[^1].Usage);
        Assert.Equal([1, 1], model.Context.Charges);
    }

    [Fact]
    public async Task PredictStreamAsync_ReaderLeaves_TheGeneratorGoesOn()
    {
        using var model = new TinyStories(new FakePredictorContext(maxConcurrency: 1));
        await foreach (var token in model.Generator.PredictStreamAsync(TinyStories.Beginning, null, Token))
        {
            Assert.NotNull(token);
            break;
        }

        Assert.Equal(5, (await model.Generator.PredictAsync(TinyStories.Beginning, new() { MaxNewTokens = 5 }, Token)).Value.Tokens.Length);
    }

    [Fact]
    public async Task PredictBatchAsync_Prompts_GivesWhatSingleCallsGive()
    {
        using var model = new TinyStories();
        var options = new TextGeneratorOptions { MaxNewTokens = 12 };
        string[] prompts = ["Once upon a time", "Lily", "The dog was very happy because"];

        var batch = await model.Generator.PredictBatchAsync([.. prompts.Select(TextPrompt.FromString)], options, Token);

        Assert.Equal([3], model.Context.Charges);
        for (var i = 0; i < prompts.Length; i++)
        {
            Assert.Equal(model.Generator.Predict(prompts[i], options, Token).Value.Tokens.ToArray(), batch[i].Value.Tokens.ToArray());
        }
    }

    [Fact]
    public void Predict_StopString_EndsTheTextBeforeItAndStreamsNothingOfIt()
    {
        using var model = new TinyStories();
        var whole = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 60 }, Token).Value.Text;
        var stop = whole[30..36];

        var stopped = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 60, StopStrings = ["nowhere in it", stop] }, Token).Value;

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], stopped.Text);
        Assert.Equal(FinishReason.StopString, stopped.FinishReason);
    }

    [Fact]
    public async Task PredictStreamAsync_StopString_NeverGivesItsBeginning()
    {
        using var model = new TinyStories();
        var whole = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 60 }, Token).Value.Text;
        var stop = whole[28..50];
        var text = new StringBuilder();

        await foreach (var token in model.Generator.PredictStreamAsync(TinyStories.Beginning, new() { MaxNewTokens = 60, StopStrings = [stop] }, Token))
        {
            text.Append(token.Text);
        }

        Assert.Equal(whole[..28], text.ToString());
    }

    [Fact]
    public void Predict_EndOfSequence_EndsWithIt()
    {
        using var model = new TinyStories();
        var (_, expected) = TinyStories.Reference();
        var end = expected[7];

        var result = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 50, EndOfSequence = [end] }, Token).Value;
        var longer = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 50, MinNewTokens = 30, EndOfSequence = [end] }, Token).Value;

        Assert.Equal(expected[..(expected.IndexOf(end) + 1)], result.Tokens.ToArray());
        Assert.Equal(FinishReason.EndOfSequence, result.FinishReason);
        Assert.True(longer.Tokens.Length >= 30);
        Assert.DoesNotContain(end, longer.Tokens.ToArray()[..29]);
    }

    [Fact]
    public void Predict_Seed_RepeatsAndAnotherSeedDoesNot()
    {
        using var model = new TinyStories();
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var options = new TextGeneratorOptions { MaxNewTokens = 60, Temperature = 1.3f, TopK = 0, Seed = seed };

        var first = model.Generator.Predict(TinyStories.Beginning, options, Token).Value;

        Assert.Equal(first.Text, model.Generator.Predict(TinyStories.Beginning, options, Token).Value.Text);
        Assert.NotEqual(first.Text, model.Generator.Predict(TinyStories.Beginning, options with { Seed = seed ^ 1 }, Token).Value.Text);
    }

    [Fact]
    public void Predict_SeveralSequences_DrawsEachForItself()
    {
        using var model = new TinyStories();

        var result = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 30, Temperature = 1.3f, Seed = 5, Sequences = 3 }, Token).Value;

        Assert.Equal(3, result.Sequences.Select(sequence => sequence.Text).Distinct().Count());
        Assert.Equal(result.Sequences.Sum(sequence => sequence.Tokens.Length), result.Usage.Completion);
    }

    // The frequencies of a draw are the softmax of the model's logits.
    [Fact]
    public void Predict_Sampling_DrawsByTheProbabilities()
    {
        using var model = new TinyStories();
        var (prompt, _) = TinyStories.Reference();
        var logits = model.Logits(prompt)[^1];
        var total = logits.Sum(logit => Math.Exp(logit / 1.5));
        const int Draws = 400;

        var counts = Enumerable.Range(0, Draws)
            .Select(seed => model.Generator.Predict(TextPrompt.FromTokens(prompt), new() { MaxNewTokens = 1, Temperature = 1.5f, TopK = 0, Seed = seed }, Token).Value.Tokens.Span[0])
            .CountBy(id => id)
            .ToDictionary();

        var likely = Enumerable.Range(0, logits.Length).MaxBy(id => logits[id]);
        var p = Math.Exp(logits[likely] / 1.5) / total;
        Assert.Equal(p, (double)counts.GetValueOrDefault(likely) / Draws, 4 * Math.Sqrt(p * (1 - p) / Draws));
    }

    [Fact]
    public void Predict_LogitsProcessor_SeesTheTokensAndDecides()
    {
        using var model = new TinyStories();
        var processor = new Counting();

        var result = model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 4, LogitsProcessors = [processor] }, Token).Value;

        Assert.Equal([40, 41, 42, 43], result.Tokens.ToArray());
    }

    [Fact]
    public void Predict_EverythingForbidden_SaysSoAndTheGeneratorGoesOn()
    {
        using var model = new TinyStories();

        var failure = Assert.Throws<InferenceException>(() => model.Generator.Predict(TinyStories.Beginning, new() { SuppressTokens = [.. Enumerable.Range(0, 2048)] }, Token));

        Assert.Equal(InferenceError.RunFailed, failure.Error);
        Assert.Equal(3, model.Generator.Predict(TinyStories.Beginning, new() { MaxNewTokens = 3 }, Token).Value.Tokens.Length);
    }

    [Fact]
    public void Predict_MoreThanTheModelHasPositionsFor_SaysByHowMuchBeforeTheRun()
    {
        using var model = new TinyStories();
        var prompt = TextPrompt.FromTokens(Enumerable.Repeat(80, 500).ToArray());

        var tooMany = Assert.Throws<InputException>(() => model.Generator.Predict(prompt, new() { MaxNewTokens = 20 }, Token));
        var tooLong = Assert.Throws<InputException>(() => model.Generator.Predict(TextPrompt.FromTokens(new int[512]), null, Token));

        Assert.Equal((InputError.TooLarge, InputError.TooLarge), (tooMany.Error, tooLong.Error));
        Assert.Contains("8 too few", tooMany.Message, StringComparison.Ordinal);
        Assert.Equal(12, model.Generator.Predict(prompt, null, Token).Value.Tokens.Length);
    }

    [Fact]
    public void Predict_CacheBeyondTheLimit_SaysHowManyBytes()
    {
        using var model = new TinyStories();
        var options = new TextGeneratorOptions { MaxNewTokens = 10, MaxCacheBytes = 16 * 4 * 16 * 4 * 4 };

        var refusal = Assert.Throws<InputException>(() => model.Generator.Predict(TextPrompt.FromTokens(new int[7]), options, Token));

        Assert.Equal(InputError.TooLarge, refusal.Error);
        Assert.Contains($"{17 * 4 * 16 * 4 * 4} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(10, model.Generator.Predict(TextPrompt.FromTokens(new int[6]), options, Token).Value.Tokens.Length);
    }

    [Fact]
    public void Predict_UnsuitablePrompts_AreRefusedByKind()
    {
        using var model = new TinyStories();

        Assert.Equal(InputError.Empty, Assert.Throws<InputException>(() => model.Generator.Predict(new TextPrompt("", addSpecialTokens: false), null, Token)).Error);
        Assert.Equal(InputError.Unsuitable, Assert.Throws<InputException>(() => model.Generator.Predict(TextPrompt.FromTokens(new[] { 2048 }), null, Token)).Error);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Generator.Predict("a", new() { TopP = 0 }, Token));
        Assert.Throws<ArgumentException>(() => model.Generator.Predict("a", new() { Sequences = 2 }, Token));
    }

    [Fact]
    public async Task PredictAsync_Cancelled_StopsAndTheNextCallWorks()
    {
        using var model = new TinyStories();
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new TextGeneratorOptions { MaxNewTokens = 400, LogitsProcessors = [new CancelAt(cancelling, 5)] };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.Generator.PredictAsync(TinyStories.Beginning, options, cancelling.Token));

        Assert.Equal(5, (await model.Generator.PredictAsync(TinyStories.Beginning, new() { MaxNewTokens = 5 }, Token)).Value.Tokens.Length);
    }

    [Fact]
    public void Predict_FilesOfTheModel_GiveTheDefaults()
    {
        var end = TinyStories.Reference().Generated[9];
        using var model = new TinyStories(edit: files => files["generation_config.json"] = Encoding.UTF8.GetBytes(new JsonObject { ["max_new_tokens"] = 30, ["eos_token_id"] = new JsonArray(2, end), ["top_k"] = 3 }.ToJsonString()));

        var result = model.Generator.Predict(TinyStories.Beginning, null, Token).Value;

        Assert.Equal((end, FinishReason.EndOfSequence), (result.Tokens.Span[^1], result.FinishReason));
    }

    [Theory]
    [InlineData("""{"encoder_repetition_penalty": 1.2}""", "encoder_repetition_penalty")]
    [InlineData("""{"num_beam_groups": 2}""", "num_beam_groups")]
    [InlineData("""{"temperature": "hot"}""", "temperature")]
    [InlineData("[]", "not a JSON object")]
    public void Create_SettingsThatItDoesNotHave_NamesThem(string json, string named)
    {
        var refusal = Assert.Throws<InferenceException>(() =>
        {
            using var model = new TinyStories(edit: files => files["generation_config.json"] = Encoding.UTF8.GetBytes(json));
            model.Generator.Predict("a", null, Token);
        });

        Assert.Equal(InferenceError.InvalidSettings, refusal.Error);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    private sealed class Counting : LogitsProcessor
    {
        public override LogitsProcessor Begin(LogitsProcessorContext context)
        {
            Assert.Equal(2048, context.VocabularySize);
            Assert.Equal([2], context.EndOfSequence);
            return new Counting();
        }

        public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
        {
            Assert.Equal(6, promptLength);
            logits.Fill(float.NegativeInfinity);
            logits[40 + ids.Length - promptLength] = -3;
        }
    }

    private sealed class CancelAt(CancellationTokenSource source, int length) : LogitsProcessor
    {
        public override void Process(ReadOnlySpan<int> ids, int promptLength, Span<float> logits)
        {
            if (ids.Length - promptLength == length)
            {
                source.Cancel();
            }
        }
    }
}
