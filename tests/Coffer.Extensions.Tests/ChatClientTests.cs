using System.Text.Json;
using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Packaging;
using Coffer.Testing;
using Coffer.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Coffer.Extensions.Tests;

/// <summary>A chat client over the language model of samples/models/help, and over predictors that say what they were asked.</summary>
public sealed class ChatClientTests(HelpModels models) : IClassFixture<HelpModels>
{
    private const string Question = "What is a bundle?";

    private static readonly ChatTemplate Plain = ChatTemplate.Parse(
        "{% for tool in tools or [] %}[{{ tool | tojson }}]{% endfor %}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for call in m.tool_calls or [] %}({{ call.function.name }} {{ call.function.arguments | tojson }} {{ call.id }}){% endfor %}{% if m.tool_call_id %}#{{ m.tool_call_id }}{% endif %}{% if m.reasoning_content %}~{{ m.reasoning_content }}{% endif %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponseAsync_Question_AnswersAsTheGeneratorDoesOnTheRenderedChat()
    {
        using var model = await models.OpenAsync(models.Generator, request => request with { Watermark = "hospital-7/42" });
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient(new() { Clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)) });

        var response = await client.GetResponseAsync(Question, cancellationToken: Token);

        var expected = generator.Predict(TextPrompt.FromMessages(generator.ChatTemplate, [ChatTurn.User(Question)]), null, Token).Value;
        Assert.Equal(expected.Text, response.Text);
        Assert.NotEmpty(response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal("acme/help-generator", response.ModelId);
        Assert.Equal(2026, response.CreatedAt!.Value.Year);
        Assert.Equal((expected.Usage.Prompt, expected.Usage.Completion, expected.Usage.Total), ((int)response.Usage!.InputTokenCount!, (int)response.Usage.OutputTokenCount!, (int)response.Usage.TotalTokenCount!));
        Assert.Equal("hospital-7/42", response.AdditionalProperties![CofferProperties.Watermark]);
        Assert.Equal(model.ManifestDigest, response.AdditionalProperties[CofferProperties.ModelDigest]);
        Assert.Equal("CPU", response.AdditionalProperties[CofferProperties.ExecutionProvider]);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Question_GivesTheSameTextInPieces()
    {
        using var model = await models.OpenAsync(models.Generator, request => request with { Watermark = "mark" });
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient();
        var whole = await client.GetResponseAsync(Question, cancellationToken: Token);

        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync(Question, cancellationToken: Token))
        {
            updates.Add(update);
        }

        var streamed = updates.ToChatResponse();
        Assert.Equal(whole.Text, streamed.Text);
        Assert.True(updates.Count > 3);
        Assert.Equal(ChatFinishReason.Stop, streamed.FinishReason);
        Assert.Equal(whole.Usage!.OutputTokenCount, streamed.Usage!.OutputTokenCount);
        Assert.Equal("mark", updates[^1].AdditionalProperties![CofferProperties.Watermark]);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
    }

    // The second request repeats the first one's messages and its answer: their tokens come out of the cache.
    [Fact]
    public async Task GetResponseAsync_ConversationGoesOn_ReusesItsCacheAndAnswersTheSame()
    {
        using var model = await models.OpenAsync(models.Generator, request => request with { Calls = 6 });
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient();
        using var forgetful = generator.AsChatClient(new() { CachedConversations = 0 });
        List<ChatMessage> messages = [new(ChatRole.User, Question)];

        var first = await client.GetResponseAsync(messages, cancellationToken: Token);
        var other = await client.GetResponseAsync("What is a quota?", cancellationToken: Token);
        messages.AddRange(first.Messages);
        messages.Add(new(ChatRole.User, "Who are you?"));
        var next = await client.GetResponseAsync(messages, cancellationToken: Token);

        Assert.Equal(0, first.Usage!.CachedInputTokenCount);
        Assert.Equal(0, other.Usage!.CachedInputTokenCount);
        Assert.True(next.Usage!.CachedInputTokenCount >= first.Usage.InputTokenCount, $"{next.Usage.CachedInputTokenCount} of {next.Usage.InputTokenCount}");
        Assert.Equal((await forgetful.GetResponseAsync(messages, cancellationToken: Token)).Text, next.Text);
    }

    [Fact]
    public async Task GetResponseAsync_ManyAtOnce_EachHasACacheOfItsOwn()
    {
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient(new() { CachedConversations = 2 });
        var alone = (await client.GetResponseAsync(Question, cancellationToken: Token)).Text;

        var together = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetResponseAsync(Question, cancellationToken: Token)));

        Assert.All(together, response => Assert.Equal(alone, response.Text));
    }

    [Fact]
    public async Task GetResponseAsync_FewTokens_EndsForLength()
    {
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient();

        var response = await client.GetResponseAsync(Question, new() { MaxOutputTokens = 2 }, Token);

        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(2, response.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseAsync_Options_ReachThePredictor()
    {
        var asked = new Asked();
        using var client = asked.Client(new() { Generation = new() { MinP = 0.25f, MaxNewTokens = 5, StopStrings = ["END"] } });

        await client.GetResponseAsync(
            "Hi",
            new() { Temperature = 0.5f, TopP = 0.75f, TopK = 7, MaxOutputTokens = 9, FrequencyPenalty = 1, PresencePenalty = -1, Seed = 11, StopSequences = ["\n"], Instructions = "Be kind." },
            Token);

        var options = asked.Options;
        Assert.Equal((0.5f, 0.75f, 7, 9, 1f, -1f, 11, 0.25f), (options.Temperature, options.TopP, options.TopK, options.MaxNewTokens, options.FrequencyPenalty, options.PresencePenalty, options.Seed, options.MinP));
        Assert.Equal(["END", "\n"], options.StopStrings);
        Assert.Equal("<system>Be kind.<user>Hi<assistant>", asked.Prompt.Text);
        Assert.False(asked.Prompt.AddSpecialTokens);
    }

    [Fact]
    public async Task GetResponseAsync_NothingAsked_TakesTheSettings()
    {
        var asked = new Asked();
        using var client = asked.Client(new() { Generation = new() { Temperature = 0.5f, MaxNewTokens = 5 } });

        await client.GetResponseAsync("Hi", new(), Token);

        Assert.Equal((0.5f, 5), (asked.Options.Temperature, asked.Options.MaxNewTokens));
        Assert.Empty(asked.Options.LogitsProcessors);
    }

    [Fact]
    public async Task GetResponseAsync_Json_ConstrainsAndKeepsTheConstraint()
    {
        var asked = new Asked();
        using var client = asked.Client();
        var schema = JsonElement.Parse("""{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}""");

        await client.GetResponseAsync("Hi", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) }, Token);
        var first = Assert.IsType<JsonSchemaConstraint>(Assert.Single(asked.Options.LogitsProcessors));
        await client.GetResponseAsync("Hi", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) }, Token);
        Assert.Same(first, Assert.Single(asked.Options.LogitsProcessors));
        await client.GetResponseAsync("Hi", new() { ResponseFormat = ChatResponseFormat.Json }, Token);
        Assert.NotSame(first, Assert.IsType<JsonSchemaConstraint>(Assert.Single(asked.Options.LogitsProcessors)));
        await client.GetResponseAsync("Hi", new() { ResponseFormat = ChatResponseFormat.Text }, Token);
        Assert.Empty(asked.Options.LogitsProcessors);

        // What Microsoft.Extensions.AI makes of a type is a schema that is supported.
        await client.GetResponseAsync("Hi", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema<Answer>() }, Token);
        await Assert.ThrowsAsync<ConstraintException>(() => client.GetResponseAsync("Hi", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type": "object", "patternProperties": {}}""")) }, Token));
    }

    // A model of random weights, which never saw JSON, can write nothing else.
    [Fact]
    public async Task GetResponseAsync_JsonSchema_AnyModelWritesWhatSatisfiesIt()
    {
        var bundle = await models.Vendor.PackAsync(
            Repository.File("tests", "architectures", "decoders", "llama"), new PackOptions { Name = "llama", Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.TextGeneration });
        using var model = await models.OpenAsync(bundle);
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient(new() { Template = ChatTemplate.Parse("{% for m in messages %}{{ m.content }}{% endfor %}") });
        var schema = JsonElement.Parse("""{"type": "object", "properties": {"name": {"type": "string", "maxLength": 6}, "big": {"type": "boolean"}}, "required": ["name", "big"]}""");

        var response = await client.GetResponseAsync("A dog.", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), MaxOutputTokens = 100 }, Token);

        using var answer = JsonDocument.Parse(response.Text);
        Assert.Equal(["name", "big"], answer.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.InRange(answer.RootElement.GetProperty("name").GetString()!.Length, 0, 12);
        Assert.True(answer.RootElement.GetProperty("big").ValueKind is JsonValueKind.True or JsonValueKind.False);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task GetResponseAsync_Tools_ReachTheTemplateAndTheirCallsAreRead()
    {
        var asked = new Asked("Let me see.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Bern\", \"days\": 2}}\n</tool_call>\n<tool_call>{\"name\": \"time\", \"arguments\": {}}</tool_call>");
        using var client = asked.Client();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city, int days) => "sun", "weather", "Tells the weather.")] };

        var response = await client.GetResponseAsync("How is it in Bern?", options, Token);

        Assert.StartsWith("[{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Tells the weather.\", \"parameters\": {", asked.Prompt.Text, StringComparison.Ordinal);
        var calls = response.Messages.Single().Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal(["weather", "time"], calls.Select(call => call.Name));
        Assert.Equal("Bern", calls[0].Arguments!["city"]!.ToString());
        Assert.NotEqual(calls[0].CallId, calls[1].CallId);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal("Let me see.\n", response.Text);

        // The call and what came of it go back to the model.
        await client.GetResponseAsync([new(ChatRole.User, "Hm?"), .. response.Messages, new(ChatRole.Tool, [new FunctionResultContent(calls[0].CallId, "sun")])], null, Token);
        Assert.Contains($"(weather {{\"city\": \"Bern\", \"days\": 2}} {calls[0].CallId})", asked.Prompt.Text, StringComparison.Ordinal);
        Assert.EndsWith($"<tool>sun#{calls[0].CallId}<assistant>", asked.Prompt.Text, StringComparison.Ordinal);

        options.ToolMode = ChatToolMode.None;
        response = await client.GetResponseAsync("How is it in Bern?", options, Token);
        Assert.StartsWith("<user>", asked.Prompt.Text, StringComparison.Ordinal);
        Assert.Contains("<tool_call>", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetResponseAsync_ReasoningAndToolObjects_AreRendered()
    {
        var asked = new Asked();
        using var client = asked.Client();

        await client.GetResponseAsync([new(ChatRole.Assistant, [new TextReasoningContent("Hm."), new TextContent("Yes.")]), new(ChatRole.Tool, [new FunctionResultContent("1", new[] { "Zürich", "b" })])], null, Token);

        Assert.Equal("<assistant>Yes.~Hm.<tool>[\"Zürich\",\"b\"]#1<assistant>", asked.Prompt.Text);
    }

    public static TheoryData<string, ChatOptions> Refused { get; } = new()
    {
        { "ConversationId", new() { ConversationId = "7" } },
        { "'other'", new() { ModelId = "other" } },
        { "ToolMode", new() { ToolMode = ChatToolMode.RequireAny } },
        { "RawRepresentationFactory", new() { RawRepresentationFactory = _ => null } },
        { "HostedWebSearchTool", new() { Tools = [new HostedWebSearchTool()] } },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task GetResponseAsync_WhatCanNotBeDone_SaysSoBeforeTheRun(string named, ChatOptions options)
    {
        var asked = new Asked();
        using var client = asked.Client(new() { ModelId = "acme/help" });

        var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync("Hi", options, Token));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(asked.Predictor.Inputs);
    }

    [Fact]
    public async Task GetResponseAsync_PictureOrNothing_IsRefused()
    {
        using var client = new Asked().Client();

        var refusal = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync([new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])], null, Token));
        Assert.Contains("DataContent", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync([], null, Token));
    }

    [Fact]
    public async Task AsChatClient_HybridPredictor_AnswersAndStreamsAsAWhole()
    {
        var asked = new Asked("Hello.");
        using var hybrid = new HybridPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>(asked.Predictor, null, new() { Mode = InferenceMode.OnlyOnDevice });
        using var client = hybrid.AsChatClient(new() { Template = Plain });

        Assert.Equal("Hello.", (await client.GetResponseAsync("Hi", cancellationToken: Token)).Text);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("Hi", cancellationToken: Token))
        {
            updates.Add(update);
        }

        Assert.Equal("Hello.", updates.ToChatResponse().Text);
        Assert.Same(hybrid, client.GetService(typeof(HybridPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>)));
    }

    [Fact]
    public async Task GetService_WhatThereIs_IsGiven()
    {
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient();

        var metadata = client.GetRequiredService<ChatClientMetadata>();

        Assert.Equal(("coffer", "acme/help-generator"), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Same(generator, client.GetService<TextGenerator>());
        Assert.Same(generator.ChatTemplate, client.GetService<ChatTemplate>());
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService<TextEmbedder>());
        Assert.Null(client.GetService(typeof(TextGenerator), "key"));
    }

    [Fact]
    public async Task Dispose_Client_LeavesTheGenerator()
    {
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();
        var client = generator.AsChatClient();
        await client.GetResponseAsync(Question, cancellationToken: Token);

        client.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync(Question, cancellationToken: Token));
        Assert.NotEmpty((await generator.PredictAsync("What", null, Token)).Value.Text);
    }

    [Fact]
    public void AsChatClient_WrongSettings_AreRefused()
    {
        using var predictor = new Asked().Predictor;

        Assert.Throws<ArgumentOutOfRangeException>(() => predictor.AsChatClient(new() { Template = Plain, CachedConversations = -1 }));
        Assert.Throws<ArgumentException>(() => predictor.AsChatClient(new() { Template = Plain, Generation = new() { Sequences = 2 } }));
        Assert.Throws<ArgumentException>(() => predictor.AsChatClient());
        Assert.Throws<ArgumentException>(() => predictor.AsChatClient(new() { Template = Plain, ToolCallStart = "" }));
    }

    internal sealed record Answer(string Name, int? Age, IReadOnlyList<string> Tags);

    private sealed class Asked
    {
        private TextGeneratorOptions? _options;

        public Asked(string answer = "Well.") => Predictor = new((_, options) =>
        {
            _options = options;
            return new GeneratedText([new GeneratedSequence(answer, new[] { 1 }, FinishReason.EndOfSequence)], new TokenUsage(3, 1));
        });

        public FakePredictor<TextPrompt, TextGeneratorOptions, GeneratedText> Predictor { get; }

        public TextGeneratorOptions Options => _options!;

        public TextPrompt Prompt => Predictor.Inputs[^1];

        public IChatClient Client(ChatClientSettings? settings = null) => Predictor.AsChatClient((settings ?? new()) with { Template = Plain });
    }
}
