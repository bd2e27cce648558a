using Coffer.Inference;

namespace Coffer.Text;

/// <summary>Turns a prompt into tokens that the model has.</summary>
internal static class PromptTokens
{
    /// <exception cref="InputException">It is empty (<see cref="InputError.Empty"/>), or has a token that the model lacks (<see cref="InputError.Unsuitable"/>).</exception>
    public static int[] Of(TextPrompt prompt, GenerationModel model)
    {
        int[] tokens = prompt.Text is { } text
            ? model.Tokenizer.Encode(text, new EncodeOptions { AddSpecialTokens = prompt.AddSpecialTokens }).Ids.ToArray()
            : prompt.Tokens.ToArray();
        if (tokens.Length == 0)
        {
            throw new InputException(InputError.Empty, "The prompt has no token, and the model needs one to begin with. Give a text, or the model's token that begins a sequence.");
        }

        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)model.VocabularySize)
            {
                throw new InputException(InputError.Unsuitable, $"The prompt has the token {token}, and the model has {model.VocabularySize}. Use the model's own tokenizer.");
            }
        }

        return tokens;
    }
}
