namespace Coffer.Text;

/// <summary>SentencePiece's way: spaces become a visible character, which begins each word.</summary>
internal sealed class MetaspacePreTokenizer(char replacement, MetaspacePrepend prepend, bool split) : PreTokenizer
{
    public override void Split(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        var output = workspace.BeginText();
        var pieces = workspace.BeginPieces();
        foreach (var piece in workspace.Pieces.Items)
        {
            var start = output.Length;
            if (piece.IsToken)
            {
                output.Append(input, piece.Start, piece.End);
                pieces.Add(new(start, output.Length, piece.TokenId));
                continue;
            }

            Rewrite(input, piece, output);
            for (var i = start + 1; split && i < output.Length; i++)
            {
                if (output.Text[i] == replacement)
                {
                    pieces.Add(new(start, i));
                    start = i;
                }
            }

            pieces.Add(new(start, output.Length));
        }

        workspace.CommitText();
        workspace.CommitPieces();
    }

    private void Rewrite(TextBuffer input, TextPiece piece, TextBuffer output)
    {
        var first = input.Text[piece.Start];
        if (first != ' ' && first != replacement && (prepend == MetaspacePrepend.Always || (prepend == MetaspacePrepend.First && input.Starts[piece.Start] == 0)))
        {
            output.Append(replacement, input.Starts[piece.Start], input.Starts[piece.Start]);
        }

        for (var i = piece.Start; i < piece.End; i++)
        {
            output.Append(input.Text[i] == ' ' ? replacement : input.Text[i], input.Starts[i], input.Ends[i]);
        }
    }
}
