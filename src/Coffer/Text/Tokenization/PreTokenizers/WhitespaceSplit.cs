namespace Coffer.Text;

/// <summary>Words between white space.</summary>
internal sealed class WhitespaceSplit : SplittingPreTokenizer
{
    // White space is ECMAScript's, as transformers.js has it; the Rust code counts U+0085 and not U+FEFF.
    protected override void Split(ReadOnlySpan<char> text, TextPiece piece, GrowingList<TextPiece> output)
    {
        var start = piece.Start;
        for (var i = piece.Start; i <= piece.End; i++)
        {
            if (i < piece.End && !CodePointClass.IsEcmaScriptSpace(text[i]))
            {
                continue;
            }

            if (start < i)
            {
                output.Add(new(start, i));
            }

            start = i + 1;
        }
    }
}
