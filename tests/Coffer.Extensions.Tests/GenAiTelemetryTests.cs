using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coffer.Inference;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions.Tests;

/// <summary>Spans and metrics after OpenTelemetry's conventions for generative AI, as somebody who listens gets them.</summary>
public sealed class GenAiTelemetryTests(HelpModels models) : IClassFixture<HelpModels>
{
    private const string Secret = "What is a bundle of xyzzy?";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponseAsync_Listening_SaysModelUsageAndReasonAndNoText()
    {
        using var heard = new Heard("acme/help-generator");
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient();

        var response = await client.GetResponseAsync(Secret, new() { MaxOutputTokens = 20, Temperature = 0 }, Token);

        var span = Assert.Single(heard.Spans);
        Assert.Equal("chat acme/help-generator", span.DisplayName);
        Assert.Equal(("chat", "coffer", "acme/help-generator"), (span.GetTagItem("gen_ai.operation.name"), span.GetTagItem("gen_ai.provider.name"), span.GetTagItem("gen_ai.request.model")));
        Assert.Equal((20, 0f), (span.GetTagItem("gen_ai.request.max_tokens"), span.GetTagItem("gen_ai.request.temperature")));
        Assert.Equal(response.Usage!.InputTokenCount, Convert.ToInt64(span.GetTagItem("gen_ai.usage.input_tokens"), null));
        Assert.Equal(response.Usage.OutputTokenCount, Convert.ToInt64(span.GetTagItem("gen_ai.usage.output_tokens"), null));
        Assert.Equal(["stop"], Assert.IsType<string[]>(span.GetTagItem("gen_ai.response.finish_reasons")));
        Assert.Equal([("input", (double)response.Usage.InputTokenCount!), ("output", (double)response.Usage.OutputTokenCount!)], heard.Of("gen_ai.client.token.usage").Select(entry => ((string)entry.Tags["gen_ai.token.type"]!, entry.Value)).Order());
        var first = Assert.Single(heard.Of("gen_ai.server.time_to_first_token")).Value;
        var whole = Assert.Single(heard.Of("gen_ai.client.operation.duration"));
        Assert.InRange(first, double.Epsilon, whole.Value);
        Assert.False(whole.Tags.ContainsKey("error.type"));
        Assert.DoesNotContain("xyzzy", heard.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(response.Text, heard.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_Listening_SaysTheSame()
    {
        using var heard = new Heard("acme/help-generator");
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();
        using var client = generator.AsChatClient();

        var response = await client.GetStreamingResponseAsync(Secret, cancellationToken: Token).ToChatResponseAsync(Token);

        var span = Assert.Single(heard.Spans);
        Assert.Equal(response.Usage!.OutputTokenCount, Convert.ToInt64(span.GetTagItem("gen_ai.usage.output_tokens"), null));
        Assert.Equal(["stop"], Assert.IsType<string[]>(span.GetTagItem("gen_ai.response.finish_reasons")));
        Assert.Single(heard.Of("gen_ai.server.time_to_first_token"));
        Assert.Equal("chat", Assert.Single(heard.Of("gen_ai.client.operation.duration")).Tags["gen_ai.operation.name"]);
    }

    [Fact]
    public async Task PredictAsync_PlainText_IsACompletionAndABatchIsOne()
    {
        using var heard = new Heard("acme/help-generator");
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();

        var texts = await generator.PredictBatchAsync(["What", "Who are"], new() { MaxNewTokens = 2 }, Token);

        Assert.Equal("text_completion acme/help-generator", Assert.Single(heard.Spans).DisplayName);
        Assert.Equal(texts.Sum(text => text.Value.Usage.Completion), heard.Of("gen_ai.client.token.usage").Single(entry => Equals(entry.Tags["gen_ai.token.type"], "output")).Value);
        Assert.Single(heard.Of("gen_ai.client.operation.duration"));
    }

    [Fact]
    public async Task PredictAsync_TooLong_SaysTheErrorsType()
    {
        using var heard = new Heard("acme/help-generator");
        using var model = await models.OpenAsync(models.Generator);
        using var generator = model.CreateTextGenerator();

        await Assert.ThrowsAsync<InputException>(() => generator.PredictAsync(string.Concat(Enumerable.Repeat("bundle ", 200)), null, Token));

        var whole = Assert.Single(heard.Of("gen_ai.client.operation.duration"));
        Assert.Equal(typeof(InputException).FullName, whole.Tags["error.type"]);
        Assert.Equal(ActivityStatusCode.Error, Assert.Single(heard.Spans).Status);
        Assert.Empty(heard.Of("gen_ai.server.time_to_first_token"));
    }

    [Fact]
    public async Task GenerateAsync_Listening_SaysModelTokensAndDimensions()
    {
        using var heard = new Heard("acme/help-embedder");
        using var model = await models.OpenAsync(models.Embedder);
        using var embedder = model.CreateTextEmbedder();
        using var generator = embedder.AsEmbeddingGenerator();

        var embeddings = await generator.GenerateAsync([Secret, "Who are you?"], cancellationToken: Token);

        var span = Assert.Single(heard.Spans);
        Assert.Equal("embeddings acme/help-embedder", span.DisplayName);
        Assert.Equal(embedder.Dimensions, span.GetTagItem("gen_ai.embeddings.dimension.count"));
        var usage = Assert.Single(heard.Of("gen_ai.client.token.usage"));
        Assert.Equal(("input", (double)embeddings.Usage!.InputTokenCount!), ((string)usage.Tags["gen_ai.token.type"]!, usage.Value));
        Assert.Equal("embeddings", Assert.Single(heard.Of("gen_ai.client.operation.duration")).Tags["gen_ai.operation.name"]);
        Assert.DoesNotContain("xyzzy", heard.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Everything that is said of one model; tests beside this one are not heard.</summary>
    private sealed class Heard : IDisposable
    {
        private readonly ActivityListener _spans;
        private readonly MeterListener _metrics = new();
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ConcurrentQueue<Entry> _measured = new();
        private readonly AsyncLocal<bool> _isMine = new() { Value = true };
        private readonly string _model;

        public Heard(string model)
        {
            _model = model;
            _spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name == CofferDiagnostics.ActivitySourceName,
                Sample = (ref _) => _isMine.Value ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
                ActivityStopped = activity =>
                {
                    if (Equals(activity.GetTagItem("gen_ai.request.model"), _model))
                    {
                        _ended.Enqueue(activity);
                    }
                },
            };
            ActivitySource.AddActivityListener(_spans);
            _metrics.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == CofferDiagnostics.MeterName && instrument.Name.StartsWith("gen_ai.", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _metrics.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _metrics.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _metrics.Start();
        }

        public sealed record Entry(string Name, double Value, Dictionary<string, object?> Tags);

        public IReadOnlyList<Activity> Spans => [.. _ended];

        public IReadOnlyList<Entry> Of(string name) => [.. _measured.Where(entry => entry.Name == name)];

        public override string ToString() => string.Join('\n', _ended.SelectMany(span => span.TagObjects.Select(tag => $"{tag.Key}={tag.Value}").Append(span.DisplayName)))
            + string.Join('\n', _measured.SelectMany(entry => entry.Tags.Select(tag => $"{tag.Key}={tag.Value}")));

        public void Dispose()
        {
            _spans.Dispose();
            _metrics.Dispose();
        }

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (_isMine.Value)
            {
                _measured.Enqueue(new Entry(instrument.Name, value, tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value)));
            }
        }
    }
}
