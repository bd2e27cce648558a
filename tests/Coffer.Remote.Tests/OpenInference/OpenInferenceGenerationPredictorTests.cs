using System.Text.Json;
using System.Text.Json.Nodes;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Text;
using Microsoft.AspNetCore.Http;

namespace Coffer.Remote.Tests;

/// <summary>The generate extension, as the Open Inference Protocol and as Triton have it.</summary>
public sealed class OpenInferenceGenerationPredictorTests : IAsyncLifetime
{
    private StandInServer _server = null!;
    private JsonNode? _sent;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StandInServer.StartAsync(TestModels.All);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task PredictAsync_Prompt_GivesTheTextUpToAStopString()
    {
        using var exclude = JsonDocument.Parse("true");
        using var predictor = Predictor(new() { ["exclude_input_in_output"] = exclude.RootElement });
        Answer("application/json", """{"model_name": "llm", "model_version": "1", "text_output": "one two END three"}""");

        var whole = (await predictor.PredictAsync("prompt", cancellationToken: Token)).Value;
        var stopped = (await predictor.PredictAsync("prompt", new() { MaxNewTokens = 5, Temperature = 0.5f, TopP = 0.75f, FrequencyPenalty = 1, StopStrings = ["END"] }, Token)).Value;

        Assert.Equal(("one two END three", FinishReason.EndOfSequence), (whole.Text, whole.FinishReason));
        Assert.Equal(("one two ", FinishReason.StopString), (stopped.Text, stopped.FinishReason));
        Assert.Equal("/v2/models/llm/versions/2/generate", _server.Requests.Last().Path);
        Assert.True(JsonNode.DeepEquals(_sent, JsonNode.Parse("""
            {"text_input": "prompt", "exclude_input_in_output": true,
             "parameters": {"max_tokens": 5, "temperature": 0.5, "top_p": 0.75, "frequency_penalty": 1, "stop": ["END"], "stream": true}}
            """)), _sent!.ToJsonString());
    }

    [Theory]
    [InlineData("""data: {"text_output": "one", "done": false}|data: {"text_output": " two", "done": true}|data: {"text_output": "never read", "done": true}""")]
    [InlineData("""data: {"text_output": "one"}|data: {"text_output": " two"}""")]
    public async Task PredictStreamAsync_Prompt_GivesThePiecesAndTheEnd(string events)
    {
        using var predictor = Predictor();
        Answer("text/event-stream; charset=utf-8", Events(events));

        var tokens = await predictor.PredictStreamAsync("prompt", cancellationToken: Token).ToListAsync(Token);

        Assert.Equal(["one", " two", ""], tokens.Select(token => token.Text));
        Assert.Equal([null, null, FinishReason.EndOfSequence], tokens.Select(token => token.FinishReason));
        Assert.Equal("/v2/models/llm/versions/2/generate_stream", _server.Requests.Last().Path);
    }

    [Fact]
    public async Task PredictStreamAsync_StopStringCutInTwo_EndsBeforeIt()
    {
        using var predictor = Predictor();
        Answer("text/event-stream", Events("""data: {"text_output": "one EN"}|data: {"text_output": "D two"}"""));

        var tokens = await predictor.PredictStreamAsync("prompt", new() { StopStrings = ["END"] }, Token).ToListAsync(Token);

        Assert.Equal("one ", string.Concat(tokens.Select(token => token.Text)));
        Assert.Equal(FinishReason.StopString, tokens[^1].FinishReason);
    }

    [Theory]
    [InlineData("", RemoteError.InvalidReply)]
    [InlineData("""data: {"text_output": "one", "done": false}""", RemoteError.InvalidReply)]
    [InlineData("""data: {"done": true}""", RemoteError.InvalidReply)]
    [InlineData("""data: {"text_output": "one"}|data: {"error": "Incomplete generation"}""", RemoteError.ModelFailed)]
    public async Task PredictStreamAsync_EndedEarlyOrFailed_Throws(string events, RemoteError error)
    {
        using var predictor = Predictor();
        Answer("text/event-stream", Events(events));

        Assert.Equal(error, (await Assert.ThrowsAsync<RemoteException>(async () => await predictor.PredictStreamAsync("prompt", cancellationToken: Token).ToListAsync(Token))).Error);
    }

    [Fact]
    public async Task PredictAsync_OptionsWithoutAField_AreRefusedByName()
    {
        using var predictor = Predictor();

        var exception = await Assert.ThrowsAsync<InferenceException>(() => predictor.PredictAsync("prompt", new() { TopK = 5, Seed = 1 }, Token));

        Assert.Equal(InferenceError.NotCapable, exception.Error);
        Assert.Contains("TopK, Seed", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    private OpenInferenceGenerationPredictor Predictor(Dictionary<string, JsonElement>? inputs = null)
    {
        using var stream = JsonDocument.Parse("true");
        return new(new OpenInferenceGenerationOptions
        {
            Endpoint = _server.Rest,
            Model = "llm",
            Version = "2",
            Inputs = inputs ?? [],
            Parameters = new Dictionary<string, JsonElement> { ["stream"] = stream.RootElement.Clone() },
        });
    }

    private static string Events(string events) => string.Concat(events.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(one => one + "\n\n"));

    private void Answer(string type, string body) => _server.Fault = async context =>
    {
        _sent = await JsonNode.ParseAsync(context.Request.Body);
        context.Response.ContentType = type;
        await context.Response.WriteAsync(body);
        return true;
    };
}
