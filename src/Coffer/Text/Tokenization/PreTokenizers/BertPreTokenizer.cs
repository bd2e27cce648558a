namespace Coffer.Text;

/// <summary>Words between white space, and each punctuation character by itself.</summary>
internal sealed class BertPreTokenizer : SplittingPreTokenizer
{
    private static readonly bool[] IsAsciiWord = [.. Enumerable.Range(0, 128).Select(c => !CodePointClass.IsWhiteSpace(c) && !CodePointClass.IsPunctuation(c))];

    protected override void Split(ReadOnlySpan<char> text, TextPiece piece, GrowingList<TextPiece> output)
    {
        var start = piece.Start;
        for (var i = piece.Start; i < piece.End;)
        {
            if (text[i] < 128 && IsAsciiWord[text[i]])
            {
                i++;
                continue;
            }

            var codePoint = CodePointAt(text, i, out var units);
            var isPunctuation = CodePointClass.IsPunctuation(codePoint);
            if (isPunctuation || CodePointClass.IsWhiteSpace(codePoint))
            {
                if (start < i)
                {
                    output.Add(new(start, i));
                }

                if (isPunctuation)
                {
                    output.Add(new(i, i + units));
                }

                start = i + units;
            }

            i += units;
        }

        if (start < piece.End)
        {
            output.Add(new(start, piece.End));
        }
    }
}
