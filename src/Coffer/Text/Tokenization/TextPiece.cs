namespace Coffer.Text;

/// <summary>A part of a <see cref="TextBuffer"/>: a word for the model, or an added token that is already known.</summary>
/// <param name="Start">The first unit in the buffer.</param>
/// <param name="End">The unit after the last one.</param>
/// <param name="TokenId">The added token's number, or -1.</param>
internal readonly record struct TextPiece(int Start, int End, int TokenId = -1)
{
    public bool IsToken => TokenId >= 0;

    public int Length => End - Start;
}
