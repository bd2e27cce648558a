namespace Coffer.Text;

/// <summary>How a model's answers for tokens become entities: the strategies of transformers' token-classification pipeline.</summary>
public enum TokenAggregation
{
    /// <summary>Neighbouring tokens of one kind are an entity, by B- and I- tags; a word may fall apart.</summary>
    Simple,

    /// <summary>As <see cref="Simple"/> over words; a word is what its first token is.</summary>
    First,

    /// <summary>As <see cref="Simple"/> over words; a word is what the mean of its tokens' scores says.</summary>
    Average,

    /// <summary>As <see cref="Simple"/> over words; a word is what its surest token is.</summary>
    Max,

    /// <summary>Each token by itself, with the model's own label.</summary>
    None,
}
