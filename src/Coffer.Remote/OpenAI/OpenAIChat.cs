using System.Runtime.CompilerServices;
using System.Text.Json;
using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>A chat endpoint, for the predictors over it.</summary>
internal sealed class OpenAIChat(OpenAIEndpointOptions options) : IDisposable
{
    private readonly TaskEndpoint _endpoint = new(options, "OpenAI chat", "chat/completions", OpenAIStatuses.Unwrap);

    public Uri Endpoint => _endpoint.Endpoint;

    public Task<IReadOnlyList<Prediction<GeneratedText>>> PredictAsync(IReadOnlyList<IReadOnlyList<ChatTurn>> conversations, TextGeneratorOptions? generation, CancellationToken cancellationToken)
    {
        generation = Validated(generation);
        OpenAIChatRequest[] requests = [.. conversations.Select(messages => OpenAIChatRequests.Of(options, messages, generation, streams: false))];
        return _endpoint.PredictAsync<OpenAIChatRequest, GeneratedText>(
            requests,
            async (request, token) => [Read(await _endpoint.AskAsync(request, OpenAIJsonContext.Default.OpenAIChatRequest, OpenAIJsonContext.Default.OpenAIChatReply, token).ConfigureAwait(false), generation)],
            cancellationToken);
    }

    public IAsyncEnumerable<GeneratedToken> StreamAsync(IReadOnlyList<ChatTurn> messages, TextGeneratorOptions? generation, CancellationToken cancellationToken)
    {
        generation = Validated(generation);
        UnmappedOptions.RequireOneSequence(generation);
        return StreamAsync(OpenAIChatRequests.Of(options, messages, generation, streams: true), cancellationToken);
    }

    public void Dispose() => _endpoint.Dispose();

    private static TextGeneratorOptions Validated(TextGeneratorOptions? generation)
    {
        generation ??= TextGeneratorOptions.Default;
        generation.Validate();
        return generation;
    }

    private async IAsyncEnumerable<GeneratedToken> StreamAsync(OpenAIChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FinishReason? ended = null;
        TokenUsage? usage = null;
        var events = _endpoint.StreamAsync(request, OpenAIJsonContext.Default.OpenAIChatRequest, OpenAIJsonContext.Default.OpenAIChatReply, "[DONE]", cancellationToken);
        await foreach (var piece in events.ConfigureAwait(false))
        {
            usage = piece.Usage is { } told ? Usage(told) : usage;
            if (piece.Choices is not { Count: > 0 } choices)
            {
                continue;
            }

            if (choices[0].Delta is { } delta && (delta.Content ?? delta.Refusal) is { Length: > 0 } text)
            {
                yield return new GeneratedToken(-1, text);
            }

            ended = choices[0].FinishReason is null ? ended : Finish(choices[0]);
        }

        yield return new GeneratedToken(-1, "")
        {
            FinishReason = ended ?? throw _endpoint.InvalidReply("its stream ends before the answer does: no event has a finish_reason"),
            Usage = usage,
        };
    }

    private GeneratedText Read(OpenAIChatReply reply, TextGeneratorOptions generation)
    {
        if (reply.Choices is not { } choices || choices.Count != generation.Sequences)
        {
            throw _endpoint.InvalidReply($"it has {reply.Choices?.Count ?? 0} choices instead of {generation.Sequences}");
        }

        var sequences = choices.OrderBy(choice => choice.Index).Select(choice => new GeneratedSequence(Words(choice), ReadOnlyMemory<int>.Empty, Finish(choice)));
        return new GeneratedText([.. sequences], reply.Usage is { } usage ? Usage(usage) : default);
    }

    private string Words(OpenAIChatChoice choice) =>
        choice.Message is { } message ? message.Content ?? message.Refusal ?? "" : throw _endpoint.InvalidReply("a choice has no message");

    private FinishReason Finish(OpenAIChatChoice choice) => choice.FinishReason switch
    {
        "stop" => choice.StopReason is { ValueKind: JsonValueKind.String } ? FinishReason.StopString : FinishReason.EndOfSequence,
        "length" => FinishReason.Length,
        "content_filter" => FinishReason.ContentFilter,
        null => throw _endpoint.InvalidReply("a choice has no finish_reason"),
        "tool_calls" or "function_call" => throw _endpoint.InvalidReply("it calls a tool, and none was offered"),
        var other => throw _endpoint.InvalidReply($"its finish_reason is '{RemoteFailures.Quote(other, secret: null)}'"),
    };

    private static TokenUsage Usage(OpenAIUsage usage) => new(usage.PromptTokens, usage.CompletionTokens, usage.PromptTokensDetails?.CachedTokens ?? 0);
}
