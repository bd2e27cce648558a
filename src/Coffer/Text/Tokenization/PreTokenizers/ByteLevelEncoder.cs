using System.Text;

namespace Coffer.Text;

/// <summary>Writes each piece as its UTF-8 bytes in GPT-2's alphabet (<see cref="ByteAlphabet"/>).</summary>
internal sealed class ByteLevelEncoder : PreTokenizer
{
    public static ByteLevelEncoder Instance { get; } = new();

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
            }
            else
            {
                Encode(input, piece.Start, piece.End, output);
            }

            pieces.Add(new(start, output.Length, piece.TokenId));
        }

        workspace.CommitText();
        workspace.CommitPieces();
    }

    public static void Encode(TextBuffer input, int from, int to, TextBuffer output)
    {
        Span<byte> bytes = stackalloc byte[4];
        var text = input.Text;
        for (var i = from; i < to;)
        {
            var unit = text[i];
            if (unit < 128)
            {
                output.Append(ByteAlphabet.CharacterOf((byte)unit), input.Starts[i], input.Ends[i]);
                i++;
                continue;
            }

            var codePoint = input.CodePointAt(i, out var units);
            var count = new Rune(codePoint).EncodeToUtf8(bytes);
            foreach (var value in bytes[..count])
            {
                output.Append(ByteAlphabet.CharacterOf(value), input.Starts[i], input.Ends[i + units - 1]);
            }

            i += units;
        }
    }
}
