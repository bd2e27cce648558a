using System.Text.Json;
using Coffer.Text;
using Microsoft.Extensions.AI;

namespace Coffer.Extensions;

/// <summary>A request in Coffer's terms.</summary>
/// <param name="Prompt">The conversation as the model reads it.</param>
/// <param name="Generation">How to answer.</param>
/// <param name="HasTools">Whether the answer may call tools.</param>
internal sealed record ChatRequest(TextPrompt Prompt, TextGeneratorOptions Generation, bool HasTools)
{
    /// <exception cref="NotSupportedException">The request asks for what a model on this device can't do.</exception>
    public static ChatRequest Of(IEnumerable<ChatMessage> messages, ChatOptions? options, ChatClientSettings settings, JsonConstraints constraints)
    {
        Require(options, settings);
        var tools = options?.ToolMode is NoneChatToolMode ? [] : options?.Tools?.Select(Describe).ToArray() ?? [];
        var prompt = TextPrompt.FromMessages(
            settings.Template!, ChatTurns.Of(messages, options?.Instructions), settings.Rendering with { AddGenerationPrompt = true, Tools = [.. settings.Rendering.Tools, .. tools] });
        return new ChatRequest(prompt, Generating(options, settings, constraints), tools.Length + settings.Rendering.Tools.Count > 0);
    }

    private static TextGeneratorOptions Generating(ChatOptions? options, ChatClientSettings settings, JsonConstraints constraints)
    {
        var generation = settings.Generation ?? new();
        if (options is null)
        {
            return generation;
        }

        generation = generation with
        {
            MaxNewTokens = options.MaxOutputTokens ?? generation.MaxNewTokens,
            Temperature = options.Temperature ?? generation.Temperature,
            TopP = options.TopP ?? generation.TopP,
            TopK = options.TopK ?? generation.TopK,
            FrequencyPenalty = options.FrequencyPenalty ?? generation.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? generation.PresencePenalty,
            Seed = options.Seed is { } seed ? Fold(seed) : generation.Seed,
            StopStrings = [.. generation.StopStrings, .. options.StopSequences ?? []],
        };
        return options.ResponseFormat switch
        {
            null or ChatResponseFormatText => generation,
            ChatResponseFormatJson json => generation with { LogitsProcessors = [.. generation.LogitsProcessors, constraints.For(json.Schema)] },
            var other => throw new NotSupportedException($"The response format {other.GetType().Name} is not known. Use text, JSON, or JSON with a schema."),
        };
    }

    private static void Require(ChatOptions? options, ChatClientSettings settings)
    {
        if (options is null)
        {
            return;
        }

        if (options.ConversationId is not null || options.ContinuationToken is not null)
        {
            throw new NotSupportedException("A model on this device keeps no conversations: send the whole conversation, without ConversationId and ContinuationToken.");
        }

        if (options.ModelId is { } asked && settings.ModelId is { } model && asked != model)
        {
            throw new NotSupportedException($"The request is for the model '{asked}', and this client's is '{model}'. Ask the client of that model.");
        }

        if (options.ToolMode is RequiredChatToolMode)
        {
            throw new NotSupportedException("This model can't be made to call a tool. Leave ToolMode at Auto, or set it to None.");
        }

        if (options.RawRepresentationFactory is not null)
        {
            throw new NotSupportedException($"RawRepresentationFactory is not read. Set {nameof(ChatClientSettings)}.{nameof(ChatClientSettings.Generation)}.");
        }
    }

    // The form that transformers gives templates: https://huggingface.co/docs/transformers/chat_extras
    private static JsonElement Describe(AITool tool)
    {
        if (tool is not AIFunctionDeclaration function)
        {
            throw new NotSupportedException($"The tool '{tool.Name}' is a {tool.GetType().Name}, and a model on this device can only ask for functions.");
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", function.Name);
            json.WriteString("description", function.Description);
            json.WritePropertyName("parameters");
            function.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    // A seed of 64 bits still makes draws repeatable.
    private static int Fold(long seed) => seed is >= int.MinValue and <= int.MaxValue ? (int)seed : unchecked((int)(seed ^ (seed >> 32)));
}
