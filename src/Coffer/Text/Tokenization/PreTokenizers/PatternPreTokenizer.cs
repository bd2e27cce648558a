namespace Coffer.Text;

/// <summary>Cuts pieces where a pattern matches.</summary>
internal sealed class PatternPreTokenizer(WordMatcher matcher, SplitBehavior behavior, bool invert = false) : SplittingPreTokenizer
{
    protected override void Split(ReadOnlySpan<char> text, TextPiece piece, GrowingList<TextPiece> output)
    {
        var part = text[piece.Start..piece.End];
        var target = new SplitTarget(output, piece.Start, behavior);
        var last = 0;
        var work = WordMatcher.WorkFor(part.Length);
        for (var from = 0; matcher.TryFind(part, from, ref work, out var start, out var end); from = end > start ? end : end + 1)
        {
            target.Add(last, start, isMatch: invert);
            target.Add(start, end, isMatch: !invert);
            last = end;
        }

        target.Add(last, part.Length, isMatch: invert);
        target.Complete();
    }
}
