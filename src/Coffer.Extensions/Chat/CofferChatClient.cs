using System.Runtime.CompilerServices;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>A predictor of texts as a chat client.</summary>
internal sealed class CofferChatClient(Conversations conversations, ChatClientSettings settings) : IChatClient
{
    public const string ProviderName = "coffer";

    private readonly ChatClientMetadata _metadata = new(ProviderName, defaultModelId: settings.ModelId);
    private readonly JsonConstraints _constraints = new();

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var request = ChatRequest.Of(messages, options, settings, _constraints);
        using var turn = conversations.Enter(request.Prompt);
        var prediction = await turn.PredictAsync(request.Generation, cancellationToken).ConfigureAwait(false);
        var id = NewId();
        var reader = Reader(request, id);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, [.. Contents(reader, prediction.Value.Text, isLast: true)]) { MessageId = id, CreatedAt = Now() })
        {
            ResponseId = id,
            ModelId = settings.ModelId,
            CreatedAt = Now(),
            FinishReason = Reason(prediction.Value.FinishReason, reader),
            Usage = Details(prediction.Value.Usage),
            AdditionalProperties = Provenance.Of(prediction),
            RawRepresentation = prediction,
        };
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (!conversations.Streams)
        {
            foreach (var update in (await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)).ToChatResponseUpdates())
            {
                yield return update;
            }

            yield break;
        }

        var request = ChatRequest.Of(messages, options, settings, _constraints);
        using var turn = conversations.Enter(request.Prompt);
        var id = NewId();
        var reader = Reader(request, id);
        await foreach (var token in turn.StreamAsync(request.Generation, cancellationToken).ConfigureAwait(false))
        {
            var contents = Contents(reader, token.Text, token.FinishReason is not null);
            if (contents.Count > 0 || token.FinishReason is not null)
            {
                yield return Update(token, contents, reader, id);
            }
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(ChatTemplate) ? settings.Template
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(conversations.Predictor) ? conversations.Predictor
            : null;
    }

    public void Dispose() => conversations.Dispose();

    private ChatResponseUpdate Update(GeneratedToken token, IReadOnlyList<AIContent> contents, ToolCallReader? reader, string id)
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, [.. contents]) { ResponseId = id, MessageId = id, ModelId = settings.ModelId, CreatedAt = Now(), RawRepresentation = token };
        if (token.FinishReason is { } reason)
        {
            update.FinishReason = Reason(reason, reader);
            update.AdditionalProperties = Provenance.Of(token);
            if (token.Usage is { } usage)
            {
                update.Contents.Add(new UsageContent(Details(usage)));
            }
        }

        return update;
    }

    private ToolCallReader? Reader(ChatRequest request, string id) =>
        request.HasTools && settings.ToolCallStart is { } start ? new ToolCallReader(start, settings.ToolCallEnd, id) : null;

    private DateTimeOffset Now() => settings.Clock.GetUtcNow();

    private static IReadOnlyList<AIContent> Contents(ToolCallReader? reader, string text, bool isLast) =>
        reader is not null ? reader.Read(text, isLast) : text.Length > 0 ? [new TextContent(text)] : [];

    private static ChatFinishReason Reason(FinishReason reason, ToolCallReader? reader) =>
        reader is { Calls: > 0 } ? ChatFinishReason.ToolCalls : reason is FinishReason.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;

    private static UsageDetails Details(TokenUsage usage) => new()
    {
        InputTokenCount = usage.Prompt,
        OutputTokenCount = usage.Completion,
        TotalTokenCount = usage.Total,
        CachedInputTokenCount = usage.Cached,
    };

    private static string NewId() => Guid.CreateVersion7().ToString("N");
}
