namespace Coffer.Text;

/// <summary>Splits a piece of text, as the pre-tokenizer gives it, into tokens of a vocabulary.</summary>
internal abstract class TokenModel(Vocabulary vocabulary)
{
    public Vocabulary Vocabulary { get; } = vocabulary;

    /// <summary>The number of the token for what the vocabulary can't express.</summary>
    public int? UnknownId { get; init; }

    /// <summary>Whether an unknown token is named by the text that it stands for.</summary>
    public virtual bool NamesUnknownByText => false;

    /// <summary>Whether tokens that continue a word are marked as such: <c>##</c>.</summary>
    public virtual bool MarksContinuation => false;

    /// <summary>Adds the tokens of a piece, which is not empty, to <see cref="ModelScratch.Output"/>.</summary>
    public abstract void Tokenize(ReadOnlySpan<char> piece, ModelScratch scratch);
}
