namespace Coffer.Text;

/// <summary>How <see cref="TextEmbedder"/> predicts. Immutable; change a copy with <c>with</c>.</summary>
public sealed record TextEmbedderOptions
{
    /// <summary>
    /// How the tokens' vectors become one. Default null: as the model's 1_Pooling/config.json says, else <see cref="EmbeddingPooling.Mean"/>; a graph with the
    /// output <c>sentence_embedding</c> pools by itself.
    /// </summary>
    public EmbeddingPooling? Pooling { get; init; }

    /// <summary>Whether vectors are scaled to length 1. Default null: as the model's modules.json says, else not.</summary>
    public bool? Normalize { get; init; }

    /// <summary>
    /// The name of a prompt of the model, such as <c>query</c> or <c>document</c>, that is put before the text: one of <see cref="TextEmbedder.Prompts"/>.
    /// Default null: the model's default prompt, if it has one. <see cref="Prefix"/> goes before it.
    /// </summary>
    public string? Prompt { get; init; }

    /// <summary>What is put before the text, such as <c>"query: "</c>. Default null: by <see cref="Prompt"/>; empty for nothing.</summary>
    public string? Prefix { get; init; }

    /// <summary>What gives way where a text has more tokens than the model takes. Default: nothing; such a text is an error that says by how much.</summary>
    public TruncationStrategy Truncation { get; init; }

    /// <summary>The most tokens, special ones included; 1 or more. Default null: what the model's files say.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The most texts that one run of the graph takes in a batch, texts of about the same length together. Default 8; 1 or more.</summary>
    public int BatchSize { get; init; } = 8;

    internal static TextEmbedderOptions Default { get; } = new();

    internal void Validate()
    {
        TextOptionChecks.Require(BatchSize, MaxLength, Truncation);
        if (Pooling is { } pooling && !Enum.IsDefined(pooling))
        {
            throw new ArgumentOutOfRangeException(nameof(Pooling), pooling, "It is none of the ways of pooling.");
        }
    }
}
