using Coffer.Bundles;
using Coffer.Inference;
using Coffer.Remote.Tests.StandIn;
using Coffer.Text;

namespace Coffer.Remote.Tests;

/// <summary>Whole tasks under a license, desensitised, and as the cloud's side of a hybrid.</summary>
public sealed class TaskGuardTests : IAsyncLifetime
{
    private const string Input = "Write to ada@example.org and bob@example.org.";

    private readonly TestVendor _vendor = new();
    private StandInServer _server = null!;
    private TaskEndpoints _endpoints = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["openai", "hugging face"];

    public async ValueTask InitializeAsync()
    {
        _server = await StandInServer.StartAsync(TestModels.All);
        _endpoints = new TaskEndpoints(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _vendor.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task PredictAsync_GuardedAndDesensitised_ChargesOnceAndRestores(string kind)
    {
        using var model = await OpenAsync(calls: 2);
        var (task, endpoint) = Predictor(kind);
        using var _ = task;
        using var guarded = model.GuardRemote(task, endpoint);
        using var predictor = new DesensitisingPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>(guarded, new TextRedactor().ForPrompts(), model);
        using var hybrid = new HybridPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>(null, predictor, new() { Mode = InferenceMode.OnlyInCloud });

        // The license wants it removed, and the leg refuses who doesn't.
        Assert.Equal(LicenseError.NotDesensitised, (await Assert.ThrowsAsync<LicenseException>(() => guarded.PredictAsync(Input, cancellationToken: Token))).Error);
        Assert.Empty(_server.Requests);
        for (var call = 0; call < 2; call++)
        {
            var prediction = await hybrid.PredictAsync(Input, cancellationToken: Token);
            Assert.Contains(Input, prediction.Value.Text, StringComparison.Ordinal);
            Assert.Equal(("w-7", ExecutionTarget.Remote, LegOutcome.Answered), (prediction.Watermark, prediction.Target, prediction.Legs[0].Outcome));
        }

        Assert.Equal(LicenseError.QuotaExceeded, (await Assert.ThrowsAsync<LicenseException>(() => hybrid.PredictAsync(Input, cancellationToken: Token))).Error);
        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task PredictStreamAsync_GuardedAndDesensitised_RestoresPlaceholdersCutInTwo(string kind)
    {
        var bodies = new List<string>();
        _server.Fault = async context =>
        {
            Microsoft.AspNetCore.Http.HttpRequestRewindExtensions.EnableBuffering(context.Request);
            using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
            bodies.Add(await reader.ReadToEndAsync(Token));
            context.Request.Body.Position = 0;
            return false;
        };
        using var model = await OpenAsync(calls: 1);
        var (task, endpoint) = Predictor(kind);
        using var _ = task;
        using var guarded = model.GuardRemote((IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>)task, endpoint);
        using var predictor = new DesensitisingStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>(
            guarded, new TextRedactor().ForPromptStreams(), model);
        using var hybrid = new HybridStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>(null, predictor, new() { Mode = InferenceMode.OnlyInCloud });

        var tokens = await hybrid.PredictStreamAsync(Input, cancellationToken: Token).ToListAsync(Token);

        Assert.Contains(Input, string.Concat(tokens.Select(token => token.Text)), StringComparison.Ordinal);
        Assert.DoesNotContain("example.org", Assert.Single(bodies), StringComparison.Ordinal);
        Assert.Contains("[EMAIL_1]", bodies[0], StringComparison.Ordinal);
        Assert.Equal(FinishReason.EndOfSequence, tokens[^1].FinishReason);
        Assert.Equal(LicenseError.QuotaExceeded, (await Assert.ThrowsAsync<LicenseException>(async () => await hybrid.PredictStreamAsync(Input, cancellationToken: Token).ToListAsync(Token))).Error);
    }

    [Fact]
    public async Task PredictAsync_EndpointFails_FallsBackToTheDevice()
    {
        using var chat = new OpenAIChatPredictor(_endpoints.OpenAI);
        using var device = new Testing.FakePredictor<TextPrompt, TextGeneratorOptions, GeneratedText>(new GeneratedText([new GeneratedSequence("from the device", default, FinishReason.EndOfSequence)], default));
        using var hybrid = new HybridPredictor<TextPrompt, TextGeneratorOptions, GeneratedText>(device, chat, new() { Mode = InferenceMode.PreferInCloud, Retries = 1, RetryDelay = TimeSpan.Zero });
        Assert.Equal("echo: x", (await hybrid.PredictAsync("x", cancellationToken: Token)).Value.Text);
        _server.Fault = context =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        var prediction = await hybrid.PredictAsync("x", cancellationToken: Token);

        Assert.Equal(("from the device", LegOutcome.Unavailable, 2), (prediction.Value.Text, prediction.Legs[0].Outcome, prediction.Legs[0].Attempts));
        // What the endpoint has no field for is the caller's error, not the endpoint's: no way around.
        Assert.Equal(InferenceError.NotCapable, (await Assert.ThrowsAsync<InferenceException>(() => hybrid.PredictAsync("x", new() { Beams = 4 }, Token))).Error);
    }

    private (IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText> Task, Uri Endpoint) Predictor(string kind)
    {
        if (kind == "openai")
        {
            var chat = new OpenAIChatPredictor(_endpoints.OpenAI);
            return (chat, chat.Endpoint);
        }

        var generation = new HuggingFaceTextGenerationPredictor(_endpoints.HuggingFace("tgi"));
        return (generation, generation.Endpoint);
    }

    private Task<ProtectedModel> OpenAsync(long calls) => _vendor.OpenAsync(edit: request => request with
    {
        Targets = [ExecutionTarget.Local, ExecutionTarget.Remote],
        Remote = new RemoteTerms([_server.Rest.AbsoluteUri], ["email"]),
        Calls = calls,
        Watermark = "w-7",
    });
}
