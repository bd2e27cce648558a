namespace Coffer.Text;

/// <summary>The ways that a match can still go, the next one last.</summary>
internal ref struct PatternStack(Span<PatternFrame> room)
{
    private Span<PatternFrame> _frames = room;
    private int _count;

    public void Push(PatternFrame frame)
    {
        if (_count == _frames.Length)
        {
            var larger = new PatternFrame[_count * 2];
            _frames.CopyTo(larger);
            _frames = larger;
        }

        _frames[_count++] = frame;
    }

    public bool TryPop(out PatternFrame frame)
    {
        var hasOne = _count > 0;
        frame = hasOne ? _frames[--_count] : default;
        return hasOne;
    }
}
