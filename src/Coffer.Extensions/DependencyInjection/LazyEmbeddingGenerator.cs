using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>An embedding generator that opens its bundle at the first request. Until then its metadata name the provider alone.</summary>
internal sealed class LazyEmbeddingGenerator(DeferredPredictor<TextEmbedder> deferred, EmbeddingGeneratorSettings settings) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(CofferChatClient.ProviderName, defaultModelId: settings.ModelId, defaultModelDimensions: settings.Dimensions);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var embedder = await deferred.GetAsync(cancellationToken).ConfigureAwait(false);
        using var generator = embedder.AsEmbeddingGenerator(settings);
        return await generator.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is null && serviceType.IsInstanceOfType(this))
        {
            return this;
        }

        if (deferred.Made is { } made)
        {
            using var generator = made.AsEmbeddingGenerator(settings);
            return generator.GetService(serviceType, serviceKey);
        }

        return serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : null;
    }

    /// <summary>Nothing: the embedder is the container's.</summary>
    public void Dispose()
    {
    }
}
