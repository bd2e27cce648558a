using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffer.Remote;

/// <summary>What a generation is asked with; what is null is not sent.</summary>
internal sealed record HuggingFaceGenerationRequest(string Inputs, HuggingFaceGenerationParameters Parameters, bool Stream);

/// <summary>TGI's parameters.</summary>
internal sealed record HuggingFaceGenerationParameters
{
    public int? MaxNewTokens { get; init; }

    public bool? DoSample { get; init; }

    public float? Temperature { get; init; }

    public int? TopK { get; init; }

    public float? TopP { get; init; }

    public float? RepetitionPenalty { get; init; }

    public float? FrequencyPenalty { get; init; }

    public uint? Seed { get; init; }

    public IReadOnlyList<string>? Stop { get; init; }

    public bool ReturnFullText { get; init; }

    public bool Details { get; init; } = true;
}

/// <summary>A generation, or the event that ends one; <see cref="Token"/> in events only.</summary>
internal sealed record HuggingFaceGeneration(string? GeneratedText, HuggingFaceDetails? Details, HuggingFaceToken? Token);

/// <summary>How it went.</summary>
internal sealed record HuggingFaceDetails(string? FinishReason, int? GeneratedTokens, int? InputLength, IReadOnlyList<HuggingFaceToken>? Tokens, IReadOnlyList<HuggingFaceToken>? Prefill);

/// <summary>One token.</summary>
internal sealed record HuggingFaceToken(int Id, string? Text, bool Special);

/// <summary>Texts to embed, in TEI's words.</summary>
internal sealed record HuggingFaceEmbeddingRequest(IReadOnlyList<string> Inputs)
{
    public bool? Normalize { get; init; }

    public bool? Truncate { get; init; }

    public string? PromptName { get; init; }
}

/// <summary>A text to classify.</summary>
internal sealed record HuggingFaceClassificationRequest(string Inputs, HuggingFaceClassificationParameters Parameters);

/// <summary>How.</summary>
internal sealed record HuggingFaceClassificationParameters(int TopK, string? FunctionToApply);

/// <summary>A text and labels to choose from.</summary>
internal sealed record HuggingFaceZeroShotRequest(string Inputs, HuggingFaceZeroShotParameters Parameters);

/// <summary>The labels, and how.</summary>
internal sealed record HuggingFaceZeroShotParameters(IReadOnlyList<string> CandidateLabels, string HypothesisTemplate, bool MultiLabel);

/// <summary>Makes readers and writers at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HuggingFaceGenerationRequest))]
[JsonSerializable(typeof(HuggingFaceGeneration))]
[JsonSerializable(typeof(HuggingFaceEmbeddingRequest))]
[JsonSerializable(typeof(HuggingFaceClassificationRequest))]
[JsonSerializable(typeof(HuggingFaceZeroShotRequest))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(float[][]))]
internal sealed partial class HuggingFaceJsonContext : JsonSerializerContext;
