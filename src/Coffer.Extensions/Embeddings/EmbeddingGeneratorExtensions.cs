using Coffer.Inference;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>Embedders as <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>.</summary>
public static class EmbeddingGeneratorExtensions
{
    /// <summary>A predictor that embeds texts as an embedding generator. Each text is one unit of quota. Thread-safe; disposing it leaves the predictor.</summary>
    /// <param name="predictor">A <see cref="TextEmbedder"/>, or any other, such as one that chooses between this device and an endpoint. It stays the caller's, and must live as long as the generator.</param>
    /// <param name="settings">Null for the defaults.</param>
    /// <remarks>A request throws what the predictor throws, and <see cref="NotSupportedException"/> where it is for another model or number of dimensions.</remarks>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(
        this IPredictor<TextInput, TextEmbedderOptions, TextEmbedding> predictor, EmbeddingGeneratorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        settings ??= EmbeddingGeneratorSettings.Default;
        return new CofferEmbeddingGenerator(
            predictor,
            predictor is TextEmbedder embedder ? settings with { ModelId = settings.ModelId ?? embedder.ModelId, Dimensions = settings.Dimensions ?? embedder.Dimensions } : settings);
    }
}
