using System.Text;

namespace Coffer.Text;

/// <summary>
/// Puts values back into an answer that comes in pieces, where a placeholder may be cut between two. Holds back only what may still become
/// one. For one answer, not thread-safe.
/// </summary>
public sealed class PlaceholderRestorer
{
    private readonly RedactedValues _values;
    private readonly StringBuilder _held = new();

    internal PlaceholderRestorer(RedactedValues values) => _values = values;

    /// <summary>Takes the next piece of the answer.</summary>
    /// <param name="piece">The piece; may be empty.</param>
    /// <returns>What is certain by now; may be empty.</returns>
    public string Next(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        if (!_values.IsReversible || (_held.Length == 0 && !piece.Contains('[', StringComparison.Ordinal)))
        {
            return piece;
        }

        var text = _held.Append(piece).ToString();
        _held.Clear();
        var result = new StringBuilder(text.Length);
        var at = 0;
        while (text.IndexOf('[', at) is >= 0 and var open)
        {
            result.Append(text, at, open - at);
            var window = text.AsSpan(open, Math.Min(RedactedValues.MostPlaceholder, text.Length - open));
            var close = window[1..].IndexOfAny('[', ']') + 1;
            if (close > 0 && window[close] == ']')
            {
                var placeholder = window[..(close + 1)].ToString();
                result.Append(_values.Original(placeholder) ?? placeholder);
                at = open + close + 1;
            }
            else if (close == 0 && window.Length < RedactedValues.MostPlaceholder)
            {
                _held.Append(window);
                at = text.Length;
            }
            else
            {
                result.Append('[');
                at = open + 1;
            }
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>The answer is over.</summary>
    /// <returns>What was held back.</returns>
    public string End()
    {
        var rest = _held.ToString();
        _held.Clear();
        return rest;
    }
}
