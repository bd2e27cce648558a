using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Remote;

/// <summary>What texts an endpoint can be sent.</summary>
internal static class TextInputs
{
    /// <summary>A text alone.</summary>
    /// <exception cref="InputException">It is empty, or a pair.</exception>
    public static string Alone(TextInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Pair is not null ? throw new InputException(InputError.Unsuitable, "The endpoint takes a text alone, and this is a pair. Give each text for itself.")
            : input.Text.Length == 0 ? throw Empty("text")
            : input.Text;
    }

    /// <summary>A prompt as the application wrote it.</summary>
    /// <exception cref="InputException">It is empty, tokens, or rendered by a template.</exception>
    public static string Plain(TextPrompt input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Text is not { } text ? throw new InputException(InputError.Unsuitable, "The endpoint has a tokenizer of its own and takes a text, not tokens.")
            : text.Length == 0 ? throw Empty("prompt")
            : !input.AddSpecialTokens ? throw new InputException(InputError.Unsuitable, $"The endpoint puts special tokens and its own template around a text, and this prompt has them already. Give the text alone, or the conversation to an {nameof(OpenAIConversationPredictor)}.")
            : text;
    }

    public static InputException Empty(string what) => new(InputError.Empty, $"The {what} is empty. Nothing was sent.");
}
