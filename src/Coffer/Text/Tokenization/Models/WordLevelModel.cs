namespace Coffer.Text;

/// <summary>Each piece is a token, or unknown.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary) : TokenModel(vocabulary)
{
    public override void Tokenize(ReadOnlySpan<char> piece, ModelScratch scratch)
    {
        if (Vocabulary.TryGetId(piece, out var id) || (UnknownId is { } unknown && (id = unknown) >= 0))
        {
            scratch.Output.Add(new(id, 0, piece.Length));
        }
    }
}
