using System.Text;

namespace Coffer.Text;

/// <summary>The text of a generation as its tokens come, up to the first stop string. Not thread-safe.</summary>
internal sealed class StoppedText
{
    private readonly TokenStreamDecoder _decoder;
    private readonly IReadOnlyList<string> _stops;
    private readonly StringBuilder _text = new();
    private string _held = "";

    /// <param name="tokenizer">The model's.</param>
    /// <param name="prompt">What stands before the text; of a decoder alone.</param>
    /// <param name="stops">The texts that end it.</param>
    public StoppedText(Tokenizer tokenizer, ReadOnlySpan<int> prompt, IReadOnlyList<string> stops)
    {
        _decoder = tokenizer.CreateStreamDecoder(new DecodeOptions { SkipSpecialTokens = true });
        _decoder.Follow(prompt);
        _stops = stops;
    }

    /// <summary>Whether a stop string was written.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>All of it.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Takes the next token.</summary>
    /// <returns>The text that is final now.</returns>
    public string Append(int token) => Take(_decoder.Append(token), isLast: false);

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back.</returns>
    public string Complete() => IsStopped ? "" : Take(_decoder.Complete(), isLast: true);

    private string Take(string piece, bool isLast)
    {
        if (IsStopped)
        {
            return "";
        }

        var text = _held + piece;
        var end = text.Length;
        foreach (var stop in _stops)
        {
            var index = text.IndexOf(stop, StringComparison.Ordinal);
            if (index >= 0 && index <= end)
            {
                (end, IsStopped) = (index, true);
            }
        }

        if (!IsStopped && !isLast)
        {
            end -= _stops.Count == 0 ? 0 : _stops.Max(stop => Begun(text, stop));
        }

        _held = IsStopped ? "" : text[end..];
        text = text[..end];
        _text.Append(text);
        return text;
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
