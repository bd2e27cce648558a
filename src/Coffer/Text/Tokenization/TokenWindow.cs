namespace Coffer.Text;

/// <summary>A range of a text's tokens that truncation keeps, or cuts off.</summary>
internal readonly record struct TokenWindow(int Start, int End)
{
    /// <summary>
    /// The ranges of a text of so many tokens that have at most so many each, first the one that is kept, then those that overflow; each shares
    /// <paramref name="stride"/> tokens with the one before it.
    /// </summary>
    public static List<TokenWindow> Split(int count, int length, int stride, TokenSide side)
    {
        if (count <= length)
        {
            return [new(0, count)];
        }

        if (length == 0)
        {
            return [new(0, 0), new(0, count)];
        }

        var windows = new List<TokenWindow>();
        if (side == TokenSide.Right)
        {
            for (var start = 0; ; start += length - stride)
            {
                windows.Add(new(start, Math.Min(start + length, count)));
                if (start + length >= count)
                {
                    return windows;
                }
            }
        }

        for (var end = count; ; end -= length - stride)
        {
            windows.Add(new(Math.Max(end - length, 0), end));
            if (end - length <= 0)
            {
                return windows;
            }
        }
    }
}
