namespace Coffer.Text;

/// <summary>A pre-tokenizer that leaves the text and only cuts it.</summary>
internal abstract class SplittingPreTokenizer : PreTokenizer
{
    public sealed override void Split(TokenizerWorkspace workspace)
    {
        var output = workspace.BeginPieces();
        foreach (var piece in workspace.Pieces.Items)
        {
            if (piece.IsToken)
            {
                output.Add(piece);
            }
            else
            {
                Split(workspace.Text.Text, piece, output);
            }
        }

        workspace.CommitPieces();
    }

    /// <summary>Adds the parts of a piece that are not empty, in order.</summary>
    protected abstract void Split(ReadOnlySpan<char> text, TextPiece piece, GrowingList<TextPiece> output);

    /// <summary>The code point at a unit of a text without lone surrogates.</summary>
    protected static int CodePointAt(ReadOnlySpan<char> text, int index, out int units)
    {
        var unit = text[index];
        if (char.IsHighSurrogate(unit) && index + 1 < text.Length)
        {
            units = 2;
            return char.ConvertToUtf32(unit, text[index + 1]);
        }

        units = 1;
        return unit;
    }
}
