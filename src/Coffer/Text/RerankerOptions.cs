using Coffer.Inference;

namespace Coffer.Text;

/// <summary>How <see cref="Reranker"/> predicts. Immutable; change a copy with <c>with</c>.</summary>
public sealed record RerankerOptions
{
    /// <summary>How many documents a result has at most. Default null: all; else 1 or more.</summary>
    public int? TopK { get; init; }

    /// <summary>
    /// How logits become scores: <see cref="ScoreFunction.Sigmoid"/> or <see cref="ScoreFunction.None"/>. Default null: as the model's config.json says
    /// (<c>sentence_transformers.activation_fn</c>, <c>function_to_apply</c>), else <see cref="ScoreFunction.Sigmoid"/>. The order is the same.
    /// </summary>
    public ScoreFunction? Scores { get; init; }

    /// <summary>What gives way where query and document have more tokens than the model takes. Default: nothing; that is an error that says by how much. <see cref="TruncationStrategy.OnlySecond"/> cuts the document.</summary>
    public TruncationStrategy Truncation { get; init; }

    /// <summary>The most tokens of a query and a document, special ones included; 1 or more. Default null: what the model's files say.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The most documents that one run of the graph takes, those of about the same length together. Default 8; 1 or more.</summary>
    public int BatchSize { get; init; } = 8;

    internal static RerankerOptions Default { get; } = new();

    internal void Validate()
    {
        TextOptionChecks.Require(BatchSize, MaxLength, Truncation);
        TextOptionChecks.RequirePositive(TopK, nameof(TopK));
        if (Scores is not (null or ScoreFunction.Sigmoid or ScoreFunction.None))
        {
            throw new ArgumentOutOfRangeException(nameof(Scores), Scores, "A document has one score, by itself: Sigmoid or None.");
        }
    }
}
