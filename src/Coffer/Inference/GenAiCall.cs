using System.Diagnostics;
using System.Diagnostics.Metrics;
using Coffer.Text;

namespace Coffer.Inference;

/// <summary>
/// A call of a language model or an embedder in OpenTelemetry's words for generative AI: attributes on the call's span, and metrics. Made only
/// where somebody listens. No prompt and no answer is in either.
/// </summary>
/// <seealso href="https://opentelemetry.io/docs/specs/semconv/gen-ai/"/>
internal sealed class GenAiCall : IDisposable
{
    private const string Provider = "coffer";

    // The boundaries that the conventions ask for.
    private static readonly Histogram<double> Duration = Create(
        "gen_ai.client.operation.duration", "s", "GenAI operation duration.", [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);

    private static readonly Histogram<long> Tokens = CofferDiagnostics.Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", tags: null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [.. Enumerable.Range(0, 14).Select(power => 1L << (2 * power))] });

    private static readonly Histogram<double> FirstToken = Create(
        "gen_ai.server.time_to_first_token", "s", "Time to generate first token for successful responses.", [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);

    private readonly PredictionScope _scope;
    private readonly string? _model;
    private string _operation = "text_completion";
    private int? _read;
    private int? _written;
    private string? _error;
    private bool _hasFirst;

    private GenAiCall(PredictionScope scope, string? model) => (_scope, _model) = (scope, model);

    /// <summary>Begins to watch a call; null where nobody listens.</summary>
    public static GenAiCall? Begin(PredictionScope scope, string? model) =>
        scope.Activity is { IsAllDataRequested: true } || Duration.Enabled || Tokens.Enabled || FirstToken.Enabled ? new GenAiCall(scope, model) : null;

    /// <summary>Begins to watch a call that embeds texts; null where nobody listens.</summary>
    public static GenAiCall? BeginEmbedding(PredictionScope scope, string? model)
    {
        var call = Begin(scope, model);
        if (call is not null)
        {
            call._operation = "embeddings";
        }

        return call;
    }

    /// <summary>Texts were embedded.</summary>
    /// <param name="tokens">How many the texts have.</param>
    /// <param name="dimensions">Of an embedding.</param>
    public void Embedded(int tokens, int dimensions)
    {
        _read = tokens;
        _scope.Activity?.SetTag("gen_ai.embeddings.dimension.count", dimensions);
    }

    /// <summary>What was asked for, as far as it was.</summary>
    public void IsOf(GenerationRequest request)
    {
        _operation = request.IsConversation ? "chat" : _operation;
        var options = request.Options;
        Tag("gen_ai.request.max_tokens", options.MaxNewTokens);
        Tag("gen_ai.request.temperature", options.Temperature);
        Tag("gen_ai.request.top_p", options.TopP);
        Tag("gen_ai.request.top_k", options.TopK);
        Tag("gen_ai.request.seed", options.Seed);
        Tag("gen_ai.request.frequency_penalty", NonZero(options.FrequencyPenalty));
        Tag("gen_ai.request.presence_penalty", NonZero(options.PresencePenalty));
        Tag("gen_ai.request.choice.count", options.Sequences == 1 ? null : options.Sequences);
    }

    /// <summary>One more token of a stream came.</summary>
    public void Came(TokenUsage usage, FinishReason? ended)
    {
        First(_scope.Elapsed);
        Used(usage);
        if (ended is { } reason)
        {
            _scope.Activity?.SetTag("gen_ai.response.finish_reasons", new[] { Name(reason) });
        }
    }

    /// <summary>Whole texts came: one, or as many as a batch has prompts.</summary>
    public void Came(IReadOnlyList<GeneratedText> texts)
    {
        if (texts[0].TimeToFirstToken > TimeSpan.Zero)
        {
            First(texts[0].TimeToFirstToken);
        }

        Used(new TokenUsage(texts.Sum(text => text.Usage.Prompt), texts.Sum(text => text.Usage.Completion), texts.Sum(text => text.Usage.Cached)));
        _scope.Activity?.SetTag("gen_ai.response.finish_reasons", texts.SelectMany(text => text.Sequences).Select(sequence => Name(sequence.FinishReason)).ToArray());
    }

    /// <summary>The call throws.</summary>
    public void Failed(Exception failure)
    {
        _error = failure is OperationCanceledException ? "canceled" : failure.GetType().FullName;
        _scope.Activity?.SetTag("error.type", _error).SetStatus(ActivityStatusCode.Error, failure.GetType().Name);
    }

    public void Dispose()
    {
        var tags = Tags();
        Record(_read, "input");
        Record(_written, "output");
        if (_error is not null)
        {
            tags.Add("error.type", _error);
        }

        Duration.Record(_scope.Elapsed.TotalSeconds, tags);
        if (_scope.Activity is { } activity)
        {
            activity.DisplayName = _model is null ? _operation : $"{_operation} {_model}";
            activity.SetTag("gen_ai.operation.name", _operation).SetTag("gen_ai.provider.name", Provider);
            Tag("gen_ai.request.model", _model);
            Tag("gen_ai.response.model", _error is null ? _model : null);
            Tag("gen_ai.usage.input_tokens", _read);
            Tag("gen_ai.usage.output_tokens", _written);
        }
    }

    private void First(TimeSpan elapsed)
    {
        if (!_hasFirst)
        {
            _hasFirst = true;
            FirstToken.Record(elapsed.TotalSeconds, Tags());
        }
    }

    private void Used(TokenUsage usage)
    {
        (_read, _written) = (usage.Prompt, usage.Completion);
        Tag("gen_ai.usage.cache_read.input_tokens", usage.Cached == 0 ? null : usage.Cached);
    }

    private void Record(int? tokens, string type)
    {
        if (tokens is { } count)
        {
            var tags = Tags();
            tags.Add("gen_ai.token.type", type);
            Tokens.Record(count, tags);
        }
    }

    private TagList Tags()
    {
        var tags = new TagList { { "gen_ai.operation.name", _operation }, { "gen_ai.provider.name", Provider } };
        if (_model is not null)
        {
            tags.Add("gen_ai.request.model", _model);
            tags.Add("gen_ai.response.model", _model);
        }

        return tags;
    }

    private void Tag(string name, object? value)
    {
        if (value is not null)
        {
            _scope.Activity?.SetTag(name, value);
        }
    }

    private static float? NonZero(float value) => value == 0 ? null : value;

    private static string Name(FinishReason reason) => reason is FinishReason.Length ? "length" : "stop";

    private static Histogram<double> Create(string name, string unit, string description, double[] boundaries) =>
        CofferDiagnostics.Meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
