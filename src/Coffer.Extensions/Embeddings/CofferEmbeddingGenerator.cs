using Coffer.Inference;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>A predictor of embeddings as an embedding generator.</summary>
internal sealed class CofferEmbeddingGenerator(IPredictor<TextInput, TextEmbedderOptions, TextEmbedding> predictor, EmbeddingGeneratorSettings settings)
    : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(CofferChatClient.ProviderName, defaultModelId: settings.ModelId, defaultModelDimensions: settings.Dimensions);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        Require(options);
        var predictions = await predictor.PredictBatchAsync([.. values.Select(value => new TextInput(value))], settings.Embedding, cancellationToken).ConfigureAwait(false);
        var now = settings.Clock.GetUtcNow();
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(
            predictions.Select(prediction => new Embedding<float>(Fitting(prediction.Value.Vector, options)) { ModelId = settings.ModelId, CreatedAt = now }));
        if (predictions.Count > 0)
        {
            embeddings.AdditionalProperties = Provenance.Of(predictions[0]);
        }

        if (predictions.All(prediction => prediction.Value.TokenCount is not null))
        {
            var tokens = predictions.Sum(prediction => (long)prediction.Value.TokenCount!.Value);
            embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        }

        return embeddings;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(predictor) ? predictor
            : null;
    }

    /// <summary>Nothing: the predictor is the caller's.</summary>
    public void Dispose()
    {
    }

    private void Require(EmbeddingGenerationOptions? options)
    {
        if (options?.ModelId is { } asked && settings.ModelId is { } model && asked != model)
        {
            throw new NotSupportedException($"The request is for the model '{asked}', and this generator's is '{model}'. Ask the generator of that model.");
        }

        if (options?.RawRepresentationFactory is not null)
        {
            throw new NotSupportedException($"RawRepresentationFactory is not read. Set {nameof(EmbeddingGeneratorSettings)}.{nameof(EmbeddingGeneratorSettings.Embedding)}.");
        }

        if (options?.Dimensions is { } dimensions && settings.Dimensions is { } own && dimensions != own)
        {
            throw Other(dimensions, own);
        }
    }

    private static ReadOnlyMemory<float> Fitting(ReadOnlyMemory<float> vector, EmbeddingGenerationOptions? options) =>
        options?.Dimensions is { } asked && asked != vector.Length ? throw Other(asked, vector.Length) : vector;

    private static NotSupportedException Other(int asked, int own) => new($"{asked} dimensions are asked for, and the model gives {own}. Leave Dimensions out.");
}
