using System.Text.Json.Nodes;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Text;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests;

/// <summary>OpenAI's API as whole tasks.</summary>
public sealed class OpenAIPredictorTests : IAsyncLifetime
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
    public async Task PredictAsync_Prompt_GivesTheAnswerItsEndAndItsUsage()
    {
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI, system: "Be brief.");

        var prediction = await predictor.PredictAsync("Grüße, 日本 \"quoted\"", cancellationToken: Token);

        Assert.Equal("echo: Grüße, 日本 \"quoted\"", prediction.Value.Text);
        Assert.Equal((FinishReason.EndOfSequence, 2, 8, 1), (prediction.Value.FinishReason, prediction.Value.Usage.Prompt, prediction.Value.Usage.Completion, prediction.Value.Usage.Cached));
        Assert.Equal((ExecutionTarget.Remote, "OpenAI chat", ""), (prediction.Target, prediction.ExecutionProvider, prediction.ModelDigest));
        Assert.True(prediction.Value.Tokens.IsEmpty);
        Assert.Equal("Be brief.", (string?)_sent!["messages"]![0]!["content"]);
        Assert.Equal("/v1/chat/completions", _server.Requests.Last().Path);
    }

    [Fact]
    public async Task PredictAsync_HalfASurrogatePair_CountsAsTheReplacementCharacter()
    {
        Assert.Equal("echo: a\uFFFDb", await _endpoints.CallAsync("chat", "a\uD800b", Token));
    }

    [Fact]
    public async Task PredictAsync_OptionsThatMap_AreSentAndNoOthers()
    {
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI);
        var options = new TextGeneratorOptions { MaxNewTokens = 2, Temperature = 0.5f, TopP = 0.75f, FrequencyPenalty = 1, PresencePenalty = -1, Seed = 7, StopStrings = ["END"], Sequences = 3, MaxCacheBytes = 1 };

        var result = (await predictor.PredictAsync("text", options, Token)).Value;

        Assert.Equal(["echo: ", "echo: 1", "echo: 2"], result.Sequences.Select(sequence => sequence.Text));
        Assert.Equal(FinishReason.Length, result.FinishReason);
        Assert.True(JsonNode.DeepEquals(_sent, JsonNode.Parse("""
            {"model": "echo", "messages": [{"role": "user", "content": "text"}], "max_completion_tokens": 2, "temperature": 0.5, "top_p": 0.75,
             "frequency_penalty": 1, "presence_penalty": -1, "seed": 7, "stop": ["END"], "n": 3}
            """)), _sent!.ToJsonString());

        await predictor.PredictAsync("text", new TextGeneratorOptions { Sample = false }, Token);
        Assert.Equal(0, (float?)_sent!["temperature"]);
    }

    [Fact]
    public async Task PredictAsync_OptionsWithoutAField_AreRefusedByName()
    {
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI);
        foreach (var (name, options) in new (string, TextGeneratorOptions)[]
        {
            ("TopK", new() { TopK = 5 }),
            ("MinP", new() { MinP = 0.1f }),
            ("RepetitionPenalty", new() { RepetitionPenalty = 1.1f }),
            ("MinNewTokens", new() { MinNewTokens = 3 }),
            ("NoRepeatNgramSize", new() { NoRepeatNgramSize = 3 }),
            ("Beams", new() { Beams = 2 }),
            ("BadWords", new() { BadWords = ["no"] }),
            ("SuppressTokens", new() { SuppressTokens = [1] }),
            ("EndOfSequence", new() { EndOfSequence = [2] }),
        })
        {
            var exception = await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync("text", options, Token));
            Assert.Equal(InferenceError.NotCapable, exception.Error);
            Assert.Contains(name, exception.Message, StringComparison.Ordinal);
            Assert.Throws<InferenceException>(() => predictor.PredictStreamAsync("text", options, Token));
        }

        Assert.Throws<ArgumentException>(() => predictor.PredictStreamAsync("text", new() { Sequences = 2 }, Token));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task PredictAsync_ServerWithExtensions_GetsThem()
    {
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI with { SendsSamplingExtensions = true, SendsMaxTokens = true });

        // The stand-in is not one: it names the first field that it doesn't know.
        var exception = await Assert.ThrowsAsync<RemoteException>(() => predictor.PredictAsync("text", new() { TopK = 5, MinP = 0.25f, RepetitionPenalty = 1.5f, MinNewTokens = 1, MaxNewTokens = 4 }, Token));

        Assert.Equal(RemoteError.InvalidRequest, exception.Error);
        Assert.Equal((5, 0.25f, 1.5f, 1, 4), ((int)_sent!["top_k"]!, (float)_sent["min_p"]!, (float)_sent["repetition_penalty"]!, (int)_sent["min_tokens"]!, (int)_sent["max_tokens"]!));
        Assert.Null(_sent["max_completion_tokens"]);
    }

    [Fact]
    public async Task PredictAsync_InputThatIsNoPlainText_IsRefusedBeforeSending()
    {
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI);
        using var conversation = new OpenAIConversationPredictor(_endpoints.OpenAI);
        foreach (var (prompt, error) in new[] { (new TextPrompt(""), InputError.Empty), (TextPrompt.FromTokens(new[] { 1, 2 }), InputError.Unsuitable), (new TextPrompt("<s>user", addSpecialTokens: false), InputError.Unsuitable) })
        {
            Assert.Equal(error, (await Assert.ThrowsAsync<InputException>(() => predictor.PredictAsync(prompt, cancellationToken: Token))).Error);
            Assert.Equal(error, (await Assert.ThrowsAsync<InputException>(() => predictor.PredictBatchAsync(["first", prompt], cancellationToken: Token))).Error);
        }

        Assert.Equal(InputError.Empty, (await Assert.ThrowsAsync<InputException>(() => conversation.PredictAsync([], cancellationToken: Token))).Error);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task PredictAsync_Conversation_TravelsWithItsToolsAndFields()
    {
        using var predictor = new OpenAIConversationPredictor(_endpoints.OpenAI);
        using var arguments = System.Text.Json.JsonDocument.Parse("""{"city": "Oslo"}""");
        using var parts = System.Text.Json.JsonDocument.Parse("""[{"type": "text", "text": "part"}]""");

        await predictor.PredictAsync(
        [
            ChatTurn.System("s"),
            new("user", "as text") { Name = "ada", Fields = new Dictionary<string, System.Text.Json.JsonElement> { ["content"] = parts.RootElement } },
            new("assistant", null) { ToolCalls = [new("weather", arguments.RootElement, "call-1")] },
            new("tool", "cold") { ToolCallId = "call-1" },
        ], cancellationToken: Token);

        Assert.True(JsonNode.DeepEquals(_sent!["messages"], JsonNode.Parse("""
            [{"role": "system", "content": "s"},
             {"role": "user", "name": "ada", "content": [{"type": "text", "text": "part"}]},
             {"role": "assistant", "tool_calls": [{"id": "call-1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}}]},
             {"role": "tool", "content": "cold", "tool_call_id": "call-1"}]
            """)), _sent.ToJsonString());
    }

    [Theory]
    [InlineData("stop", null, FinishReason.EndOfSequence)]
    [InlineData("stop", "\"END\"", FinishReason.StopString)]
    [InlineData("stop", "128001", FinishReason.EndOfSequence)]
    [InlineData("length", null, FinishReason.Length)]
    [InlineData("content_filter", null, FinishReason.ContentFilter)]
    public async Task PredictAsync_FinishReason_BecomesOurs(string reason, string? stop, FinishReason expected)
    {
        _server.Fault = context => AnswerAsync(context, $$"""{"choices": [{"index": 0, "message": {"content": "x"}, "finish_reason": "{{reason}}", "stop_reason": {{stop ?? "null"}}}]}""");
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI);

        Assert.Equal(expected, (await predictor.PredictAsync("text", cancellationToken: Token)).Value.FinishReason);
    }

    [Theory]
    [InlineData("\"tool_calls\"", "tool")]
    [InlineData("null", "finish_reason")]
    [InlineData("\"unheard-of\"", "unheard-of")]
    public async Task PredictAsync_FinishReasonWithoutMeaning_IsAnInvalidReply(string reason, string said)
    {
        _server.Fault = context => AnswerAsync(context, $$"""{"choices": [{"index": 0, "message": {"content": "x"}, "finish_reason": {{reason}}}]}""");

        var exception = await _endpoints.FailAsync("chat", Token);

        Assert.Equal(RemoteError.InvalidReply, exception.Error);
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictStreamAsync_Prompt_GivesPiecesThenTheEndAndTheUsage()
    {
        var tokens = await _endpoints.StreamAsync("chat stream", "hello", Token).ToListAsync(Token);

        Assert.Equal(["ech", "o: ", "hel", "lo", ""], tokens.Select(token => token.Text));
        Assert.All(tokens, token => Assert.Equal(-1, token.Id));
        Assert.All(tokens.SkipLast(1), token => Assert.Null(token.FinishReason));
        Assert.Equal((FinishReason.EndOfSequence, new TokenUsage(1, 4, 1)), (tokens[^1].FinishReason, tokens[^1].Usage));
    }

    [Fact]
    public async Task PredictBatchAsync_ManyPrompts_KeepsTheirOrderAndTheLimitOfRequests()
    {
        var now = 0;
        var most = 0;
        _server.Fault = async _ =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            await Task.Yield();
            Interlocked.Decrement(ref now);
            return false;
        };
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI with { MaxConcurrency = 3 });

        var results = await predictor.PredictBatchAsync([.. Enumerable.Range(0, 20).Select(i => (TextPrompt)$"p{i}")], cancellationToken: Token);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"echo: p{i}"), results.Select(result => result.Value.Text));
        Assert.InRange(most, 1, 3);
        Assert.Empty(await predictor.PredictBatchAsync([], cancellationToken: Token));
    }

    [Fact]
    public async Task PredictBatchAsync_OneFails_ThrowsItsError()
    {
        _server.Fault = async context =>
        {
            context.Request.EnableBuffering();
            var sent = await JsonNode.ParseAsync(context.Request.Body);
            context.Request.Body.Position = 0;
            return (string?)sent!["messages"]![0]!["content"] == "p7" && await AnswerAsync(context, """{"error": "no"}""", 503);
        };
        using var predictor = new OpenAIChatPredictor(_endpoints.OpenAI);

        var exception = await Assert.ThrowsAsync<RemoteException>(() => predictor.PredictBatchAsync([.. Enumerable.Range(0, 20).Select(i => (TextPrompt)$"p{i}")], cancellationToken: Token));

        Assert.Equal(RemoteError.Unavailable, exception.Error);
    }

    [Fact]
    public async Task Dispose_Predictor_EndsIt()
    {
        var predictor = new OpenAIChatPredictor(_endpoints.OpenAI);
        predictor.Dispose();
        predictor.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => predictor.PredictAsync("text", cancellationToken: Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await predictor.PredictStreamAsync("text", cancellationToken: Token).ToListAsync(Token));
    }

    [Fact]
    public async Task PredictBatchAsync_Texts_GoInRequestsOfTheBatchSizeAndComeBackInOrder()
    {
        using var predictor = new OpenAIEmbeddingPredictor(_endpoints.OpenAI);
        TextInput[] texts = ["a", "bb", "ccc", "dddd", "eeeee"];

        var results = await predictor.PredictBatchAsync(texts, new() { BatchSize = 2, Prefix = "q: " }, Token);

        Assert.Equal(texts.Select(text => TaskRoutes.Vector("q: " + text.Text)), results.Select(result => result.Value.Vector.ToArray()));
        Assert.Equal(3, _server.Requests.Count);
        Assert.Equal("OpenAI embeddings", results[0].ExecutionProvider);
    }

    [Fact]
    public async Task PredictAsync_EmbeddingOptions_AreMappedOrRefused()
    {
        using var predictor = new OpenAIEmbeddingPredictor(_endpoints.OpenAI with { Dimensions = 2 });

        var vector = (await predictor.PredictAsync("abc", new() { Normalize = true }, Token)).Value.Vector;

        Assert.Equal(2, vector.Length);
        Assert.Equal(1, vector.Span[0] * vector.Span[0] + (vector.Span[1] * vector.Span[1]), 1e-6);
        foreach (var (name, options) in new (string, TextEmbedderOptions)[]
        {
            ("Pooling", new() { Pooling = EmbeddingPooling.Mean }),
            ("Normalize", new() { Normalize = false }),
            ("Prompt", new() { Prompt = "query" }),
            ("Truncation", new() { Truncation = TruncationStrategy.LongestFirst }),
            ("MaxLength", new() { MaxLength = 8 }),
        })
        {
            Assert.Contains(name, (await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync("text", options, Token))).Message, StringComparison.Ordinal);
        }

        Assert.Equal(InputError.Unsuitable, (await Assert.ThrowsAsync<InputException>(() => predictor.PredictAsync(new TextInput("a", "b"), cancellationToken: Token))).Error);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("""{"data": [{"index": 0, "embedding": [1, 2]}]}""")]
    [InlineData("""{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 0, "embedding": [1, 2]}]}""")]
    [InlineData("""{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 2, "embedding": [1, 2]}]}""")]
    [InlineData("""{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1]}]}""")]
    [InlineData("""{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1, 1e999]}]}""")]
    [InlineData("""{"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}]}""")]
    public async Task PredictBatchAsync_VectorsThatAreNot_AreAnInvalidReply(string reply)
    {
        _server.Fault = context => AnswerAsync(context, reply);
        using var predictor = new OpenAIEmbeddingPredictor(_endpoints.OpenAI);

        Assert.Equal(RemoteError.InvalidReply, (await Assert.ThrowsAsync<RemoteException>(() => predictor.PredictBatchAsync(["a", "b"], cancellationToken: Token))).Error);
    }

    [Fact]
    public void Constructor_WrongOptions_ThrowsArgumentException()
    {
        Assert.ThrowsAny<ArgumentException>(() => new OpenAIChatPredictor(_endpoints.OpenAI with { Model = "" }));
        Assert.ThrowsAny<ArgumentException>(() => new OpenAIChatPredictor(_endpoints.OpenAI with { MaxConcurrency = 0 }));
        Assert.ThrowsAny<ArgumentException>(() => new OpenAIChatPredictor(_endpoints.OpenAI with { Endpoint = new Uri("http://models.example/v1") }));
        Assert.ThrowsAny<ArgumentException>(() => new OpenAIEmbeddingPredictor(_endpoints.OpenAI with { Dimensions = 0 }));
    }

    private static async Task<bool> AnswerAsync(HttpContext context, string body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
        return true;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen && Interlocked.CompareExchange(ref most, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }
}
