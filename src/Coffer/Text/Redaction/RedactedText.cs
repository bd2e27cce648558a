namespace Coffer.Text;

/// <summary>A text without what was removed, and the way back for answers. Keep it on this device: it holds what was removed.</summary>
public sealed class RedactedText
{
    private readonly RedactedValues _values;

    internal RedactedText(string text, RedactedValues values)
    {
        Text = text;
        _values = values;
    }

    /// <summary>The text that may leave.</summary>
    public string Text { get; }

    /// <summary>How much of each kind was removed.</summary>
    public IReadOnlyDictionary<string, int> Counts => _values.Counts;

    /// <summary>Puts the values back where an answer has their placeholders.</summary>
    /// <param name="answer">The answer.</param>
    public string Restore(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var restorer = CreateRestorer();
        return restorer.Next(answer) + restorer.End();
    }

    /// <summary>Puts the values back in an answer that comes in pieces.</summary>
    public PlaceholderRestorer CreateRestorer() => new(_values);

    /// <summary>How much was removed, not what.</summary>
    public override string ToString() => $"RedactedText of {Text.Length} characters, removed: {(Counts.Count == 0 ? "nothing" : string.Join(", ", Counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}")))}";
}
