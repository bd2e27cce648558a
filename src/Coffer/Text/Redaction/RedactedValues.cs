namespace Coffer.Text;

/// <summary>What was removed from the texts of one input: its counts, and the way back. Holds what must not leave; prints none of it.</summary>
internal sealed class RedactedValues
{
    /// <summary>The longest placeholder that is looked for in an answer.</summary>
    public const int MostPlaceholder = 64;

    private readonly RedactionReplacement? _replacement;
    private readonly Dictionary<(string Kind, string Value), string> _placeholders = [];
    private readonly Dictionary<string, string> _originals = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="replacement">Makes what can't be turned back; null for placeholders.</param>
    /// <param name="texts">The texts: what looks like a placeholder in them is not given out again.</param>
    public RedactedValues(RedactionReplacement? replacement, IReadOnlyList<string> texts)
    {
        _replacement = replacement;
        foreach (var text in texts)
        {
            Take(text);
        }
    }

    public IReadOnlyDictionary<string, int> Counts => _counts;

    public bool IsReversible => _originals.Count > 0;

    public string Replace(string kind, ReadOnlySpan<char> value)
    {
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (_replacement is not null)
        {
            return _replacement(kind, value);
        }

        var key = (kind, value.ToString());
        if (!_placeholders.TryGetValue(key, out var placeholder))
        {
            placeholder = Next(kind);
            _placeholders.Add(key, placeholder);
            _originals.Add(placeholder, key.Item2);
        }

        return placeholder;
    }

    public string? Original(string placeholder) => _originals.GetValueOrDefault(placeholder);

    private string Next(string kind)
    {
        while (true)
        {
            var number = _numbers[kind] = _numbers.GetValueOrDefault(kind) + 1;
            var placeholder = $"[{Name(kind)}_{number}]";
            if (!_taken.Contains(placeholder))
            {
                return placeholder;
            }
        }
    }

    private static string Name(string kind) => string.Create(Math.Min(kind.Length, MostPlaceholder - 16), kind, static (name, kind) =>
    {
        for (var i = 0; i < name.Length; i++)
        {
            name[i] = char.IsAsciiLetterOrDigit(kind[i]) ? char.ToUpperInvariant(kind[i]) : '_';
        }
    });

    private void Take(string text)
    {
        for (var at = text.IndexOf('[', StringComparison.Ordinal); at >= 0; at = text.IndexOf('[', at + 1))
        {
            var rest = text.AsSpan(at, Math.Min(MostPlaceholder, text.Length - at));
            if (rest.IndexOf(']') is > 0 and var end)
            {
                _taken.Add(rest[..(end + 1)].ToString());
            }
        }
    }
}
