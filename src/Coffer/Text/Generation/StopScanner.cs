namespace Coffer.Text;

/// <summary>A text as it comes in pieces, up to the first of some texts that end it. Not thread-safe.</summary>
/// <param name="stops">The texts that end it.</param>
internal sealed class StopScanner(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop string was written.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes the next piece.</summary>
    /// <returns>The text that is final now.</returns>
    public string Append(string piece) => Take(piece, isLast: false);

    /// <summary>Ends the text.</summary>
    /// <param name="piece">What comes last.</param>
    /// <returns>It, and what was held back.</returns>
    public string Complete(string piece = "") => Take(piece, isLast: true);

    private string Take(string piece, bool isLast)
    {
        if (IsStopped)
        {
            return "";
        }

        var text = _held + piece;
        var end = text.Length;
        foreach (var stop in stops)
        {
            var index = text.IndexOf(stop, StringComparison.Ordinal);
            if (index >= 0 && index <= end)
            {
                (end, IsStopped) = (index, true);
            }
        }

        if (!IsStopped && !isLast)
        {
            end -= stops.Count == 0 ? 0 : stops.Max(stop => Begun(text, stop));
        }

        _held = IsStopped ? "" : text[end..];
        return text[..end];
    }

    /// <summary>How many characters at the end may be the beginning of a stop string.</summary>
    private static int Begun(string text, string stop)
    {
        for (var length = Math.Min(text.Length, stop.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).Equals(stop.AsSpan(0, length), StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
