using Coffer.Text;

namespace Coffer.Extensions;

/// <summary>How an embedder works as an embedding generator. Immutable; change a copy with <c>with</c>.</summary>
public sealed record EmbeddingGeneratorSettings
{
    /// <summary>What embeddings and metadata call the model. Default null: the bundle's full id, <c>publisher/name</c>.</summary>
    public string? ModelId { get; init; }

    /// <summary>How texts are embedded: pooling, prompt, truncation. A model that embeds queries otherwise than documents has a generator for each. Default null: as the model's files say.</summary>
    public TextEmbedderOptions? Embedding { get; init; }

    /// <summary>The number of dimensions, for metadata. Default null: the embedder's.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Says when an embedding was made. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal static EmbeddingGeneratorSettings Default { get; } = new();
}
