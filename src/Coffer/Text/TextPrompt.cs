namespace Coffer.Text;

/// <summary>
/// What a language model is to continue: a text, or tokens. Immutable and thread-safe. Half a surrogate pair counts as U+FFFD. It stays
/// here: no log or error carries it.
/// </summary>
public sealed class TextPrompt
{
    private TextPrompt(string? text, ReadOnlyMemory<int> tokens, bool addSpecialTokens) => (Text, Tokens, AddSpecialTokens) = (text, tokens, addSpecialTokens);

    /// <summary>A text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">
    /// Whether the tokenizer's special tokens are put around it, as the model was trained. False for a rendered chat template, which has
    /// written them itself.
    /// </param>
    public TextPrompt(string text, bool addSpecialTokens = true)
        : this(text ?? throw new ArgumentNullException(nameof(text)), default, addSpecialTokens)
    {
    }

    /// <summary>The text; null where it was given as tokens.</summary>
    public string? Text { get; }

    /// <summary>The tokens; empty where it was given as text.</summary>
    public ReadOnlyMemory<int> Tokens { get; }

    /// <summary>Whether the tokenizer's special tokens are put around the text.</summary>
    public bool AddSpecialTokens { get; }

    /// <summary>Whether it was rendered of messages: then the answer is a chat's.</summary>
    internal bool IsConversation { get; private init; }

    /// <summary>A text, with special tokens.</summary>
    public static implicit operator TextPrompt(string text) => FromString(text);

    /// <summary>A text, with special tokens.</summary>
    public static TextPrompt FromString(string text) => new(text);

    /// <summary>Tokens, taken as they are.</summary>
    /// <param name="tokens">Their numbers; must not change while the prompt is used.</param>
    public static TextPrompt FromTokens(ReadOnlyMemory<int> tokens) => new(null, tokens, addSpecialTokens: false);

    /// <summary>A conversation, by the model's chat template. Special tokens are those that the template writes.</summary>
    /// <param name="template">The template: <see cref="TextGenerator.ChatTemplate"/>.</param>
    /// <param name="messages">The conversation, oldest message first.</param>
    /// <param name="options">How it is rendered; null for the defaults.</param>
    /// <exception cref="TextTemplateException">The template refuses the messages, or fails on them.</exception>
    public static TextPrompt FromMessages(ChatTemplate template, IReadOnlyList<ChatTurn> messages, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new(template.Render(messages, options), addSpecialTokens: false) { IsConversation = true };
    }

    /// <summary>How long it is, not what it says.</summary>
    public override string ToString() => Text is null ? $"TextPrompt of {Tokens.Length} tokens" : $"TextPrompt of {Text.Length} characters";
}
