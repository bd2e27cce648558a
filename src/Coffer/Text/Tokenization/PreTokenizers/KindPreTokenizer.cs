namespace Coffer.Text;

/// <summary>Cuts where the kind of character changes.</summary>
/// <param name="isDelimiter">The characters that delimit.</param>
/// <param name="behavior">What becomes of each of them.</param>
internal sealed class KindPreTokenizer(Func<int, bool> isDelimiter, SplitBehavior behavior) : SplittingPreTokenizer
{
    protected override void Split(ReadOnlySpan<char> text, TextPiece piece, GrowingList<TextPiece> output)
    {
        var target = new SplitTarget(output, 0, behavior);
        var last = piece.Start;
        for (var i = piece.Start; i < piece.End;)
        {
            var isMatch = isDelimiter(CodePointAt(text, i, out var units));
            if (isMatch)
            {
                target.Add(last, i, isMatch: false);
                target.Add(i, i + units, isMatch: true);
                last = i + units;
            }

            i += units;
        }

        target.Add(last, piece.End, isMatch: false);
        target.Complete();
    }
}
