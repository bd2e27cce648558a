using Coffer.Inference;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>Language models as <see cref="IChatClient"/>.</summary>
public static class ChatClientExtensions
{
    /// <summary>
    /// A predictor that continues texts as a chat client: messages and tools become a prompt by the model's chat template. Over a <see cref="TextGenerator"/>, a request that
    /// continues a conversation runs only what is new. Each request is one unit of quota. The client is thread-safe; disposing it gives the caches
    /// back and leaves the predictor.
    /// </summary>
    /// <param name="predictor">A <see cref="TextGenerator"/>, or any other, such as one that chooses between this device and an endpoint. It stays the caller's, and must live as long as the client.</param>
    /// <param name="settings">Null for the defaults. A predictor that is no <see cref="TextGenerator"/> needs a <see cref="ChatClientSettings.Template"/>.</param>
    /// <exception cref="TextTemplateException">The model has no chat template, and the settings give none.</exception>
    /// <exception cref="ArgumentException">A setting is out of range, or the template is missing.</exception>
    /// <remarks>
    /// A request throws what the predictor throws; <see cref="TextTemplateException"/> where the template refuses the messages;
    /// <see cref="ConstraintException"/> where a JSON schema has what is not supported; <see cref="NotSupportedException"/> for what a model on this
    /// device can't do: content other than text, tools other than functions, a required tool, another model, a conversation kept by a service.
    /// </remarks>
    public static IChatClient AsChatClient(this IPredictor<TextPrompt, TextGeneratorOptions, GeneratedText> predictor, ChatClientSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        settings ??= ChatClientSettings.Default;
        settings.Validate();
        if (predictor is TextGenerator generator)
        {
            settings = settings with { ModelId = settings.ModelId ?? generator.ModelId, Template = settings.Template ?? generator.ChatTemplate };
            return new CofferChatClient(new Conversations(generator, settings.CachedConversations), settings);
        }

        if (settings.Template is null)
        {
            throw new ArgumentException($"The predictor doesn't say how its model is talked to. Set {nameof(ChatClientSettings.Template)}, for example to the {nameof(TextGenerator)}'s {nameof(TextGenerator.ChatTemplate)}.", nameof(settings));
        }

        return new CofferChatClient(new Conversations(predictor, settings.Streaming ?? predictor as IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>), settings);
    }
}
