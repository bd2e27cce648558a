using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Text;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests;

/// <summary>Hugging Face's tasks.</summary>
public sealed class HuggingFacePredictorTests : IAsyncLifetime
{
    private StandInServer _server = null!;
    private TaskEndpoints _endpoints = null!;
    private JsonNode? _sent;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await StandInServer.StartAsync(TestModels.All);
        _endpoints = new TaskEndpoints(_server);
        _server.Fault = async context =>
        {
            context.Request.EnableBuffering();
            _sent = await JsonNode.ParseAsync(context.Request.Body);
            context.Request.Body.Position = 0;
            return false;
        };
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task PredictAsync_Prompt_GivesTextTokensAndUsage()
    {
        using var predictor = new HuggingFaceTextGenerationPredictor(_endpoints.HuggingFace("tgi"));

        var prediction = await predictor.PredictAsync("abc", cancellationToken: Token);

        Assert.Equal("abc and so on", prediction.Value.Text);
        Assert.Equal([100, 101, 102, 103, 104, 2], prediction.Value.Tokens.ToArray());
        Assert.Equal((FinishReason.EndOfSequence, new TokenUsage(2, 6)), (prediction.Value.FinishReason, prediction.Value.Usage));
        Assert.Equal("Hugging Face text-generation", prediction.ExecutionProvider);
    }

    // /generate answers without the list around it.
    [Fact]
    public async Task PredictAsync_AnswerWithoutAList_IsRead()
    {
        _server.Fault = context => AnswerAsync(context, """{"generated_text": "x", "details": {"finish_reason": "length", "generated_tokens": 1, "tokens": []}}""");

        Assert.Equal("x", await _endpoints.CallAsync("generation", "text", Token));
    }

    [Fact]
    public async Task PredictAsync_Options_AreMappedOrRefused()
    {
        using var predictor = new HuggingFaceTextGenerationPredictor(_endpoints.HuggingFace("tgi"));

        await predictor.PredictAsync("abc", new() { MaxNewTokens = 2, Temperature = 0.5f, TopK = 4, TopP = 0.75f, RepetitionPenalty = 1.5f, FrequencyPenalty = 0.5f, Seed = -1, StopStrings = ["END"] }, Token);
        Assert.True(JsonNode.DeepEquals(_sent, JsonNode.Parse("""
            {"inputs": "abc", "stream": false, "parameters": {"max_new_tokens": 2, "do_sample": true, "temperature": 0.5, "top_k": 4, "top_p": 0.75,
             "repetition_penalty": 1.5, "frequency_penalty": 0.5, "seed": 4294967295, "stop": ["END"], "return_full_text": false, "details": true}}
            """)), _sent!.ToJsonString());

        // What TGI refuses although the SDK has it: greedy and all tokens are said in its words.
        await predictor.PredictAsync("abc", new() { Temperature = 0, TopK = 0, TopP = 1 }, Token);
        Assert.Equal(["do_sample", "return_full_text", "details"], _sent!["parameters"]!.AsObject().Select(member => member.Key));
        Assert.False((bool)_sent["parameters"]!["do_sample"]!);
        await predictor.PredictAsync("abc", new() { TopK = 0, TopP = 1 }, Token);
        Assert.True((bool)_sent["parameters"]!["do_sample"]!);

        foreach (var (name, options) in new (string, TextGeneratorOptions)[] { ("MinP", new() { MinP = 0.1f }), ("PresencePenalty", new() { PresencePenalty = 1 }), ("Sequences", new() { Sequences = 2 }), ("MinNewTokens", new() { MinNewTokens = 1 }), ("LengthPenalty", new() { LengthPenalty = 1 }) })
        {
            Assert.Contains(name, (await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync("text", options, Token))).Message, StringComparison.Ordinal);
        }
    }

    // TGI leaves the stop sequence in its text; the SDK's text ends before it, whole or in a stream that cuts it in two.
    [Fact]
    public async Task PredictAsync_StopString_EndsTheTextBeforeIt()
    {
        using var predictor = new HuggingFaceTextGenerationPredictor(_endpoints.HuggingFace("tgi"));
        var options = new TextGeneratorOptions { StopStrings = ["so "] };

        var whole = (await predictor.PredictAsync("abc", options, Token)).Value;
        var stream = await predictor.PredictStreamAsync("abc", options, Token).ToListAsync(Token);

        Assert.Equal(("abc and ", FinishReason.StopString), (whole.Text, whole.FinishReason));
        Assert.Equal("abc and ", string.Concat(stream.Select(token => token.Text)));
        Assert.Equal(FinishReason.StopString, stream[^1].FinishReason);
        Assert.Equal(whole.Tokens.ToArray(), stream.Select(token => token.Id));
    }

    [Fact]
    public async Task PredictStreamAsync_Prompt_GivesEachTokenThenTheEnd()
    {
        var tokens = await _endpoints.StreamAsync("generation stream", "abc", Token).ToListAsync(Token);

        Assert.Equal(["abc", " an", "d s", "o o", "n", ""], tokens.Select(token => token.Text));
        Assert.Equal([100, 101, 102, 103, 104, 2], tokens.Select(token => token.Id));
        Assert.Equal((FinishReason.EndOfSequence, new TokenUsage(2, 6)), (tokens[^1].FinishReason, tokens[^1].Usage));
        Assert.All(tokens.SkipLast(1), token => Assert.Null(token.FinishReason));
    }

    [Fact]
    public async Task PredictBatchAsync_Texts_AreEmbeddedInOrder()
    {
        using var predictor = new HuggingFaceEmbeddingPredictor(_endpoints.HuggingFace("tei/embed"));
        TextInput[] texts = [.. Enumerable.Range(1, 40).Select(i => (TextInput)new string('x', i))];

        var results = await predictor.PredictBatchAsync(texts, new() { BatchSize = 16 }, Token);
        Assert.Equal(texts.Select(text => TaskRoutes.Vector(text.Text)), results.Select(result => result.Value.Vector.ToArray()));
        Assert.Equal(3, _server.Requests.Count);

        var prompted = await predictor.PredictAsync("abc", new() { Prompt = "query", Normalize = false, Truncation = TruncationStrategy.OnlyFirst }, Token);
        Assert.Equal(TaskRoutes.Vector("queryabc"), prompted.Value.Vector.ToArray());
        Assert.True(JsonNode.DeepEquals(_sent, JsonNode.Parse("""{"inputs": ["abc"], "normalize": false, "truncate": true, "prompt_name": "query"}""")), _sent!.ToJsonString());

        var exception = await Assert.ThrowsAsync<RemoteException>(() => predictor.PredictBatchAsync(texts, new() { BatchSize = 40 }, Token));
        Assert.Equal(RemoteError.InvalidRequest, exception.Error);
        Assert.Contains("maximum allowed batch size", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_Text_IsClassified()
    {
        using var predictor = new HuggingFaceTextClassificationPredictor(_endpoints.HuggingFace("hf/classify") with { Labels = ["negative", "neutral", "positive"] });

        var result = (await predictor.PredictAsync("a good text", new() { TopK = 3, Threshold = 0.15f, Scores = ScoreFunction.Softmax }, Token)).Value;

        Assert.Equal([new ClassScore("positive", 2, 0.7f), new ClassScore("neutral", 1, 0.2f)], result.Classes);
        Assert.Equal("positive", result.Top.Label);
        Assert.Equal("softmax", (string?)_sent!["parameters"]!["function_to_apply"]);
        Assert.Equal(-1, (await new HuggingFaceTextClassificationPredictor(_endpoints.HuggingFace("hf/classify")).PredictAsync("x", cancellationToken: Token)).Value.Top.Index);
    }

    [Theory]
    [InlineData("""[{"label": "a", "score": 0.75}, {"label": "b", "score": 0.25}]""")]
    [InlineData("""[[{"label": "b", "score": 0.25}, {"label": "a", "score": 0.75}]]""")]
    [InlineData("""{"sequence": "x", "labels": ["b", "a"], "scores": [0.25, 0.75]}""")]
    [InlineData("""[{"sequence": "x", "labels": ["a", "b"], "scores": [0.75, 0.25]}]""")]
    public async Task PredictAsync_AllShapesOfScores_AreRead(string reply)
    {
        _server.Fault = context => AnswerAsync(context, reply);
        using var zeroShot = new HuggingFaceZeroShotPredictor(_endpoints.HuggingFace("hf/zero-shot"));
        using var classifier = new HuggingFaceTextClassificationPredictor(_endpoints.HuggingFace("hf/classify"));

        Assert.Equal([new ClassScore("a", 1, 0.75f), new ClassScore("b", 0, 0.25f)], (await zeroShot.PredictAsync("x", new() { Labels = ["b", "a"] }, Token)).Value.Labels);
        Assert.Equal(["a", "b"], (await classifier.PredictAsync("x", cancellationToken: Token)).Value.Classes.Select(one => one.Label));
        Assert.Equal(RemoteError.InvalidReply, (await Assert.ThrowsAsync<RemoteException>(() => zeroShot.PredictAsync("x", new() { Labels = ["a", "c"] }, Token))).Error);
    }

    [Fact]
    public async Task PredictAsync_ZeroShot_SendsTheLabelsAndTheHypothesis()
    {
        using var predictor = new HuggingFaceZeroShotPredictor(_endpoints.HuggingFace("hf/zero-shot"));

        var result = (await predictor.PredictAsync("about sports", new() { Labels = ["politics", "sports"], HypothesisTemplate = "It is {}.", MultiLabel = true }, Token)).Value;

        Assert.Equal(("sports", 1), (result.Top.Label, result.Top.Index));
        Assert.True(JsonNode.DeepEquals(_sent, JsonNode.Parse("""{"inputs": "about sports", "parameters": {"candidate_labels": ["politics", "sports"], "hypothesis_template": "It is {}.", "multi_label": true}}""")), _sent!.ToJsonString());
        await Assert.ThrowsAnyAsync<ArgumentException>(() => predictor.PredictAsync("x", null, Token));
    }

    private static async Task<bool> AnswerAsync(HttpContext context, string body)
    {
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
        return true;
    }
}
