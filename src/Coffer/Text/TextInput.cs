namespace Coffer.Text;

/// <summary>
/// A text, or a pair of texts, as the application has it. Immutable and thread-safe. Half a surrogate pair counts as U+FFFD. The text
/// stays here: no result, log or error carries it.
/// </summary>
public sealed class TextInput
{
    /// <summary>A text, or a pair for a model that was trained on pairs.</summary>
    /// <param name="text">The text; the first of a pair, such as a question or a premise.</param>
    /// <param name="pair">The second of a pair, such as a passage or a hypothesis; null for a text alone.</param>
    public TextInput(string text, string? pair = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
        Pair = pair;
    }

    /// <summary>The text; the first of a pair.</summary>
    public string Text { get; }

    /// <summary>The second of a pair; null for a text alone.</summary>
    public string? Pair { get; }

    /// <summary>A text alone.</summary>
    public static implicit operator TextInput(string text) => FromString(text);

    /// <summary>A text alone.</summary>
    public static TextInput FromString(string text) => new(text);

    /// <summary>How long it is, not what it says.</summary>
    public override string ToString() => Pair is null ? $"TextInput of {Text.Length} characters" : $"TextInput of {Text.Length} and {Pair.Length} characters";
}
