using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffer.Remote;

/// <summary>What is asked of <c>/chat/completions</c>; what is null is not sent.</summary>
internal sealed record OpenAIChatRequest
{
    public required string Model { get; init; }

    public required IReadOnlyList<OpenAIChatMessage> Messages { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public int? MaxTokens { get; init; }

    public float? Temperature { get; init; }

    public float? TopP { get; init; }

    public float? FrequencyPenalty { get; init; }

    public float? PresencePenalty { get; init; }

    public int? Seed { get; init; }

    public IReadOnlyList<string>? Stop { get; init; }

    public int? N { get; init; }

    public int? TopK { get; init; }

    public float? MinP { get; init; }

    public float? RepetitionPenalty { get; init; }

    public int? MinTokens { get; init; }

    public bool? Stream { get; init; }

    public OpenAIStreamOptions? StreamOptions { get; init; }
}

/// <summary>Whether a stream ends with its usage.</summary>
internal sealed record OpenAIStreamOptions(bool IncludeUsage);

/// <summary>One message of a conversation.</summary>
internal sealed record OpenAIChatMessage(string Role, string? Content)
{
    public string? Name { get; init; }

    public string? ToolCallId { get; init; }

    public IReadOnlyList<OpenAIToolCall>? ToolCalls { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Fields { get; set; }
}

/// <summary>A call of a tool in a conversation.</summary>
internal sealed record OpenAIToolCall(string? Id, string Type, OpenAIFunctionCall Function);

/// <summary>Its function; the arguments are JSON in a string.</summary>
internal sealed record OpenAIFunctionCall(string Name, string Arguments);

/// <summary>A reply, or an event of a stream.</summary>
internal sealed record OpenAIChatReply(IReadOnlyList<OpenAIChatChoice>? Choices, OpenAIUsage? Usage);

/// <summary>One answer, or a piece of one.</summary>
internal sealed record OpenAIChatChoice(int Index, OpenAIChatContent? Message, OpenAIChatContent? Delta, string? FinishReason)
{
    /// <summary>vLLM's: the stop string, or the token, that ended it.</summary>
    public JsonElement? StopReason { get; init; }
}

/// <summary>What is said.</summary>
internal sealed record OpenAIChatContent(string? Content, string? Refusal);

/// <summary>Tokens.</summary>
internal sealed record OpenAIUsage(int PromptTokens, int CompletionTokens, OpenAIPromptDetails? PromptTokensDetails);

/// <summary>Of the prompt's tokens.</summary>
internal sealed record OpenAIPromptDetails(int? CachedTokens);

/// <summary>What is asked of <c>/embeddings</c>.</summary>
internal sealed record OpenAIEmbeddingRequest(string Model, IReadOnlyList<string> Input, string EncodingFormat, int? Dimensions);

/// <summary>Its reply.</summary>
internal sealed record OpenAIEmbeddingReply(IReadOnlyList<OpenAIEmbedding>? Data);

/// <summary>The vector of the input with that index.</summary>
internal sealed record OpenAIEmbedding(int Index, float[]? Embedding);

/// <summary>Makes readers and writers at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OpenAIChatRequest))]
[JsonSerializable(typeof(OpenAIChatReply))]
[JsonSerializable(typeof(OpenAIEmbeddingRequest))]
[JsonSerializable(typeof(OpenAIEmbeddingReply))]
internal sealed partial class OpenAIJsonContext : JsonSerializerContext;
