namespace Coffer.Text;

/// <summary>Joins a pattern's matches, and what lies between them, into pieces.</summary>
internal ref struct SplitTarget(GrowingList<TextPiece> output, int offset, SplitBehavior behavior)
{
    // The piece that may still grow.
    private int _start = -1;
    private int _end;
    private bool _isMatch;

    /// <summary>Takes the next part; an empty one counts for nothing.</summary>
    public void Add(int start, int end, bool isMatch)
    {
        if (start >= end)
        {
            return;
        }

        var joins = _start >= 0 && behavior switch
        {
            SplitBehavior.MergedWithPrevious => isMatch && !_isMatch,
            SplitBehavior.MergedWithNext => _isMatch && !isMatch,
            SplitBehavior.Contiguous => _isMatch == isMatch,
            _ => false,
        };
        if (joins)
        {
            _end = end;
            _isMatch = isMatch;
            return;
        }

        Complete();
        if (isMatch && behavior == SplitBehavior.Removed)
        {
            return;
        }

        (_start, _end, _isMatch) = (start, end, isMatch);
    }

    public void Complete()
    {
        if (_start >= 0)
        {
            output.Add(new(offset + _start, offset + _end));
            _start = -1;
        }
    }
}
