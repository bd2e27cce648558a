using Coffer.Inference;
using Coffer.Text;

namespace Coffer.Extensions;

/// <summary>How a language model answers as a chat client. Immutable; change a copy with <c>with</c>.</summary>
public sealed record ChatClientSettings
{
    /// <summary>What responses and metadata call the model. Default null: the bundle's full id, <c>publisher/name</c>.</summary>
    public string? ModelId { get; init; }

    /// <summary>What holds where a request says nothing: its temperature, length and so on go before. One sequence. Default null: as the model's files say.</summary>
    public TextGeneratorOptions? Generation { get; init; }

    /// <summary>The chat template. Default null: the model's own, which only a <see cref="TextGenerator"/> knows.</summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>
    /// The streaming twin of a predictor that doesn't stream itself, such as a <see cref="HybridStreamingPredictor{TInput, TOptions, TResult}"/>; it stays the caller's. Default null:
    /// a streamed response comes as a whole. Not asked where the predictor is a <see cref="TextGenerator"/>.
    /// </summary>
    public IStreamingPredictor<TextPrompt, TextGeneratorOptions, GeneratedToken>? Streaming { get; init; }

    /// <summary>How messages are rendered: further variables of the template, its name, the clock. Tools come from the request.</summary>
    public ChatTemplateOptions Rendering { get; init; } = new();

    /// <summary>
    /// How many conversations keep their key-value cache, so that a request which continues one runs only what is new. The least recently used gives
    /// way. Default 4; 0 for none. Only a <see cref="TextGenerator"/> keeps caches.
    /// </summary>
    public int CachedConversations { get; init; } = 4;

    /// <summary>What the model writes before the JSON of a tool call. Read only where the request has tools. Default <c>&lt;tool_call></c>, as Hermes and Qwen do; null where calls are text to you.</summary>
    public string? ToolCallStart { get; init; } = "<tool_call>";

    /// <summary>What the model writes behind the JSON of a tool call. Default <c>&lt;/tool_call></c>.</summary>
    public string ToolCallEnd { get; init; } = "</tool_call>";

    /// <summary>Says when a response was made. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal static ChatClientSettings Default { get; } = new();

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Rendering);
        ArgumentNullException.ThrowIfNull(Clock);
        ArgumentException.ThrowIfNullOrEmpty(ToolCallEnd);
        ArgumentOutOfRangeException.ThrowIfNegative(CachedConversations);
        if (ToolCallStart is { Length: 0 })
        {
            throw new ArgumentException("It is empty. Give what the model writes before a tool call, or null.", nameof(ToolCallStart));
        }

        if (Generation is { Sequences: not 1 })
        {
            throw new ArgumentException($"A chat's answer is one sequence. Set {nameof(TextGeneratorOptions.Sequences)} to 1.", nameof(Generation));
        }
    }
}
