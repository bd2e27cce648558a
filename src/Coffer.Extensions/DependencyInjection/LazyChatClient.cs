using System.Runtime.CompilerServices;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>A chat client that opens its bundle at the first request. Until then its metadata name the provider alone.</summary>
internal sealed class LazyChatClient(DeferredPredictor<TextGenerator> deferred, ChatClientSettings settings) : IChatClient
{
    private readonly Lock _gate = new();
    private readonly ChatClientMetadata _metadata = new(CofferChatClient.ProviderName, defaultModelId: settings.ModelId);
    private IChatClient? _client;
    private bool _disposed;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = Client(await deferred.GetAsync(cancellationToken).ConfigureAwait(false));
        return await client.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var client = Client(await deferred.GetAsync(cancellationToken).ConfigureAwait(false));
        await foreach (var update in client.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this
            : deferred.Made is { } made ? Client(made).GetService(serviceType, serviceKey)
            : serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata
            : null;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _client?.Dispose();
        }
    }

    private IChatClient Client(TextGenerator generator)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(IChatClient));
            return _client ??= generator.AsChatClient(settings);
        }
    }
}
