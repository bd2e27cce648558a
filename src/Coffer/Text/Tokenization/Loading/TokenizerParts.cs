namespace Coffer.Text;

/// <summary>What a tokenizer is made of, whatever files described it.</summary>
internal sealed record TokenizerParts(TokenModel Model)
{
    public Normalizer? Normalizer { get; init; }

    public PreTokenizer? PreTokenizer { get; init; }

    public SequenceTemplate Template { get; init; } = SequenceTemplate.Plain;

    /// <summary>Null: tokens are joined by spaces.</summary>
    public TokenDecoder? Decoder { get; init; }

    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];
}
