namespace Coffer.Text;

/// <summary>Puts a space before each piece that does not begin with one.</summary>
internal sealed class PrefixSpace : PreTokenizer
{
    public static PrefixSpace Instance { get; } = new();

    public override void Split(TokenizerWorkspace workspace)
    {
        var input = workspace.Text;
        var output = workspace.BeginText();
        var pieces = workspace.BeginPieces();
        foreach (var piece in workspace.Pieces.Items)
        {
            var start = output.Length;
            if (!piece.IsToken && input.Text[piece.Start] != ' ')
            {
                output.Append(' ', input.Starts[piece.Start], input.Starts[piece.Start]);
            }

            output.Append(input, piece.Start, piece.End);
            pieces.Add(new(start, output.Length, piece.TokenId));
        }

        workspace.CommitText();
        workspace.CommitPieces();
    }
}
